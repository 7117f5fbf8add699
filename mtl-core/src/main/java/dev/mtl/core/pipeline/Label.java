package dev.mtl.core.pipeline;

/**
 * A label of a text.
 *
 * @param name of the label, as in the training data
 * @param score its probability, 0 to 1; calibrated if the head was calibrated after training
 */
public record Label(String name, double score) {}
