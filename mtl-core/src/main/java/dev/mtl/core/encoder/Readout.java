package dev.mtl.core.encoder;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Tensor;

/** How token embeddings become a sentence embedding: pooled, then normalized. */
public record Readout(Pooling pooling, Normalization normalization) {
    /** The mean over real tokens, as it is. */
    public static final Readout MEAN = new Readout(Pooling.MEAN, Normalization.NONE);

    /**
     * Makes sentence embeddings.
     *
     * @param tokens {@code [B, S, H]}
     * @return {@code [B, H]}, owned by the innermost scope
     */
    public Tensor apply(Tensor tokens, TokenBatch batch) {
        return normalization.normalize(pooling.pool(tokens, batch));
    }
}
