package dev.mtl.train.settings;

/**
 * Which data set each step takes its examples from, if tasks have different files. An epoch always
 * has as many steps as it takes to see every example of every data set once.
 */
public enum Sampling {
    /** Every example of every data set once per epoch, in mixed order. */
    PROPORTIONAL,
    /** Each step draws a data set, all with the same probability. */
    UNIFORM,
    /** Each step draws a data set with a probability proportional to {@code size^exponent}. */
    TEMPERATURE,
    /** The data sets take turns. */
    ROUND_ROBIN
}
