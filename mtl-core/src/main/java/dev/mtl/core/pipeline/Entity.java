package dev.mtl.core.pipeline;

/**
 * A span of a text that a token head labelled.
 *
 * @param text the span's characters: {@code input.substring(start, end)}
 * @param label its type
 * @param start of the span in the input, in UTF-16 units
 * @param end of the span in the input, in UTF-16 units, exclusive
 * @param score its probability, 0 to 1; calibrated if the head was calibrated after training
 */
public record Entity(String text, String label, int start, int end, double score) {}
