package dev.mtl.core.pooling;

/**
 * How a sentence's token embeddings become one vector; padding is ignored. The names are those of
 * sentence-transformers.
 *
 * @see <a
 *     href="https://github.com/huggingface/sentence-transformers/blob/master/sentence_transformers/models/Pooling.py">Pooling.py</a>
 */
public enum Pooling {
    /** The mean over all real tokens, [CLS] and [SEP] included (Reimers, Gurevych 2019). */
    MEAN,
    /** The first token, [CLS]. */
    CLS,
    /** The largest value of each dimension over all real tokens. */
    MAX,
    /** The sum over all real tokens, divided by the square root of their number. */
    MEAN_SQRT_LEN_TOKENS,
    /** A mean in which the first token has the weight 1, the second 2, and so on (SGPT). */
    WEIGHTEDMEAN,
    /** The last real token. */
    LASTTOKEN
}
