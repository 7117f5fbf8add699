package dev.mtl.core.pooling;

/**
 * How a sentence's token embeddings become one vector; padding is ignored.
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
    MAX
}
