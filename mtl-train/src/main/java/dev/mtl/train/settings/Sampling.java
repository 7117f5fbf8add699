package dev.mtl.train.settings;

/**
 * Which data sets a step takes its examples from, if tasks have different files. An epoch always
 * sees as many examples as all data sets have together.
 */
public enum Sampling {
    /** Every example of every data set once per epoch, in mixed order. */
    PROPORTIONAL,
    /** Each step draws a data set, all with the same probability. */
    UNIFORM,
    /** Each step draws a data set with a probability proportional to {@code size^exponent}. */
    TEMPERATURE,
    /** The data sets take turns. */
    ROUND_ROBIN,
    /** Each step takes as many examples as make a step from every data set. */
    ALL
}
