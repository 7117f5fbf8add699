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
public record TokenWindow(Words words, TokenizedText text, int keepFrom, int keepTo, int position) {
    /**
     * A window over words.
     *
     * @param from index of its first word
     * @param to index after its last word
     * @param keepFrom index of the first word whose result is taken from this window
     * @param keepTo index after the last such word
     */
    public record Words(int from, int to, int keepFrom, int keepTo) {}
}
