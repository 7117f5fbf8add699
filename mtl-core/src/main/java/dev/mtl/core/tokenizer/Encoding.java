package dev.mtl.core.tokenizer;

import org.jspecify.annotations.Nullable;

/**
 * The tokens of one text, special tokens such as [CLS] and [SEP] included, without padding. All
 * arrays have the same length and must not be changed.
 *
 * @param ids rows of the word embedding table
 * @param typeIds segment of each token
 * @param wordIds the word that each token is a piece of, -1 for special tokens and for tokens
 *     between words; words are those of the {@link PreTokenizedText}, or the tokenizer's own
 *     pre-tokens if a plain string was encoded
 * @param starts UTF-16 offset of each token's first character, 0 for special tokens
 * @param ends UTF-16 offset after each token's last character, 0 for special tokens
 * @param truncated whether tokens were cut off
 * @param promptLength how many of the first tokens belong to a prompt, [CLS] included; 0 without a
 *     prompt
 * @param labels for each token that a head has masked, or let stand to be predicted, its id in the
 *     text, {@link #UNKNOWN} if the text itself has the mask there, else -1; null if no head masks
 *     the text
 */
public record Encoding(
        long[] ids,
        long[] typeIds,
        int[] wordIds,
        int[] starts,
        int[] ends,
        boolean truncated,
        int promptLength,
        long @Nullable [] labels) {
    /** Of {@link #labels}: a token to be predicted that nobody knows. */
    public static final long UNKNOWN = -2;

    /** The tokens of a text that no head masks. */
    public Encoding(
            long[] ids,
            long[] typeIds,
            int[] wordIds,
            int[] starts,
            int[] ends,
            boolean truncated,
            int promptLength) {
        this(ids, typeIds, wordIds, starts, ends, truncated, promptLength, null);
    }

    /** The tokens of a text without a prompt. */
    public Encoding(
            long[] ids,
            long[] typeIds,
            int[] wordIds,
            int[] starts,
            int[] ends,
            boolean truncated) {
        this(ids, typeIds, wordIds, starts, ends, truncated, 0);
    }

    /** The same tokens, of which the first ones belong to a prompt. */
    public Encoding withPromptLength(int tokens) {
        return new Encoding(ids, typeIds, wordIds, starts, ends, truncated, tokens);
    }

    /**
     * The same text with other tokens in the place of some.
     *
     * @param masked their ids
     * @param originals see {@link #labels}
     */
    public Encoding withMasks(long[] masked, long[] originals) {
        return new Encoding(
                masked, typeIds, wordIds, starts, ends, truncated, promptLength, originals);
    }

    /**
     * The same text, of which the masks that it has itself are to be predicted.
     *
     * @return this if it has none
     */
    public Encoding withOwnMasks(long maskId) {
        var own = new long[ids.length];
        boolean any = false;
        for (int i = 0; i < own.length; i++) {
            own[i] = ids[i] == maskId ? UNKNOWN : -1;
            any |= ids[i] == maskId;
        }
        return any ? withMasks(ids, own) : this;
    }

    /** The same tokens, as the beginning of a longer text. */
    public Encoding asTruncated() {
        return truncated
                ? this
                : new Encoding(ids, typeIds, wordIds, starts, ends, true, promptLength);
    }

    /** The number of tokens. */
    public int length() {
        return ids.length;
    }

    /** Room for tokens, to be filled by {@link #set} before anyone else sees it. */
    static Encoding allocate(int length, boolean truncated) {
        return new Encoding(
                new long[length],
                new long[length],
                new int[length],
                new int[length],
                new int[length],
                truncated);
    }

    /** Copies the tokens {@code [from, to)} of {@code source} to {@code at}. */
    void set(int at, Encoding source, int from, int to) {
        set(at, source, from, to, 0, 0);
    }

    /**
     * Copies tokens of a text that is cut.
     *
     * @param firstWord what the word ids are reduced by
     * @param offset what the character offsets are reduced by
     */
    void set(int at, Encoding source, int from, int to, int firstWord, int offset) {
        for (int i = from, target = at; i < to; i++, target++) {
            ids[target] = source.ids[i];
            typeIds[target] = source.typeIds[i];
            wordIds[target] = source.wordIds[i] < 0 ? -1 : source.wordIds[i] - firstWord;
            starts[target] = Math.max(0, source.starts[i] - offset);
            ends[target] = Math.max(0, source.ends[i] - offset);
        }
    }
}
