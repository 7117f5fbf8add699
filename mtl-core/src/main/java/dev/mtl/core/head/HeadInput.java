package dev.mtl.core.head;

/** Which output of the backbone a head takes. */
public enum HeadInput {
    /** The sentence embedding, pooled and normalized: {@code [B, H]}. */
    SENTENCE,
    /** Every token's embedding: {@code [B, S, H]}. */
    TOKENS,
    /**
     * The sentence embeddings of the K texts of each example, such as two that are compared: {@code
     * [B, K, H]}.
     */
    SENTENCES
}
