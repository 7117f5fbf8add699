package dev.mtl.core.tokenizer;

/**
 * A word of a text.
 *
 * @param start UTF-16 offset of its first character
 * @param end UTF-16 offset after its last one
 */
public record Word(String text, int start, int end) {}
