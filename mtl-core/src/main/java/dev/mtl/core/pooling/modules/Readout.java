package dev.mtl.core.pooling.modules;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.torch.Tensor;

/** How token embeddings become a sentence embedding: pooled, then normalized. */
public record Readout(Pooling pooling, Normalization normalization) {
    /** Mean pooling over real tokens, not normalized. */
    public static final Readout MEAN = new Readout(Pooling.MEAN, Normalization.NONE);

    /**
     * Makes sentence embeddings.
     *
     * @param tokens {@code [B, S, H]}
     * @return {@code [B, H]}, owned by the innermost scope
     */
    public Tensor apply(Tensor tokens, TokenBatch batch) {
        return NormalizationOps.normalize(normalization, PoolingOps.pool(pooling, tokens, batch));
    }

    /**
     * The same as arrays. On a CPU this is Java code: an operator that runs once per pass has its
     * code fetched from main memory each time (docs/decisions/015).
     *
     * @param tokens {@code [B, S, H]}, FLOAT32
     * @return {@code [B][H]}
     */
    public float[][] rows(Tensor tokens, TokenBatch batch) {
        return tokens.device().isCpu()
                ? inMainMemory(tokens, batch)
                : apply(tokens, batch).toFloatRows();
    }

    private float[][] inMainMemory(Tensor tokens, TokenBatch batch) {
        int width = Math.toIntExact(tokens.size(2));
        return tokens.readFloats(
                values -> {
                    var token = new float[width];
                    var embeddings = new float[batch.rows()][width];
                    for (int row = 0; row < embeddings.length; row++) {
                        int length = batch.encodings().get(row).length();
                        for (int i = 0; i < length; i++) {
                            values.get((row * batch.length() + i) * width, token);
                            PoolingOps.add(pooling, token, i, embeddings[row]);
                        }
                        PoolingOps.finish(pooling, embeddings[row], length);
                        NormalizationOps.normalize(normalization, embeddings[row]);
                    }
                    return embeddings;
                });
    }
}
