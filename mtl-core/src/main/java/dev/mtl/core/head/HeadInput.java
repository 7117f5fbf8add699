package dev.mtl.core.head;

/** An output of the backbone that a head reads. */
public enum HeadInput {
    /** The sentence embedding, pooled and normalized: {@code [B, H]}. */
    SENTENCE,
    /** The embedding of each token: {@code [B, S, H]}. */
    TOKENS,
    /** The sentence embeddings of the K texts of each example: {@code [B, K, H]}. */
    SENTENCES,
    /**
     * Two texts read together, such as {@code [CLS] a [SEP] b [SEP]}, pooled and normalized: {@code
     * [B, H]}; also the embedding of each of their tokens.
     */
    PAIR,
    /** The embedding of each token of two texts read together: {@code [B, S, H]}. */
    PAIR_TOKENS;

    /** Whether two texts are read together. */
    public boolean isOfPairs() {
        return this == PAIR || this == PAIR_TOKENS;
    }

    /** Whether there is an embedding for each token. */
    public boolean isOfTokens() {
        return this == TOKENS || this == PAIR_TOKENS;
    }
}
