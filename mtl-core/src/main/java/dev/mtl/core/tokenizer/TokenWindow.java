package dev.mtl.core.tokenizer;

/**
 * A window over a {@link TokenizedText}.
 *
 * @param words of the whole text that it spans, and those that are kept of it
 * @param text these words with their tokens and the special tokens around them
 * @param keepFrom index, in {@code text.encoding()}, of the first token that is kept
 * @param keepTo index after the last token that is kept
 * @param position index of the first kept token among the tokens of the whole text
 */
public record TokenWindow(
        TextWindows.Window words, TokenizedText text, int keepFrom, int keepTo, int position) {}
