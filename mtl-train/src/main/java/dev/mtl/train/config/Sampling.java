package dev.mtl.train.config;

/**
 * How often data groups take part, where tasks have texts of their own. An epoch is always as many
 * steps as it takes to see every text of every group once.
 */
public enum Sampling {
    /** Every text of every group once an epoch, in a mixed order. */
    PROPORTIONAL,
    /** Each step draws a group, all with the same probability. */
    UNIFORM,
    /** Each step draws a group with a probability in proportion to {@code size^exponent}. */
    TEMPERATURE,
    /** The groups take turns. */
    ROUND_ROBIN
}
