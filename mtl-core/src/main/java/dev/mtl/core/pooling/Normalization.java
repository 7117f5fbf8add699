package dev.mtl.core.pooling;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

/** How a sentence embedding is normalized after pooling. */
public enum Normalization {
    NONE {
        @Override
        Tensor normalize(Tensor embeddings) {
            return embeddings;
        }

        @Override
        void normalize(float[] embedding) {}
    },
    /** Length 1, so that a dot product is the cosine; as {@code torch.nn.functional.normalize}. */
    L2 {
        @Override
        Tensor normalize(Tensor embeddings) {
            var norms = embeddings.square().sumKeepingDims(1).sqrt();
            return embeddings.div(norms.maximum(Tensors.scalar(1e-12f).to(embeddings.device())));
        }

        @Override
        void normalize(float[] embedding) {
            double squares = 0;
            for (float value : embedding) {
                squares += (double) value * value;
            }
            float norm = (float) Math.max(Math.sqrt(squares), 1e-12);
            for (int i = 0; i < embedding.length; i++) {
                embedding[i] /= norm;
            }
        }
    },
    /**
     * Mean 0 and variance 1 over the dimensions, without learned weights; eps 1e-5 as {@code
     * torch.nn.functional.layer_norm}.
     */
    LAYER_NORM {
        @Override
        Tensor normalize(Tensor embeddings) {
            return embeddings.layerNorm(null, null, 1e-5);
        }

        @Override
        void normalize(float[] embedding) {
            double mean = 0;
            for (float value : embedding) {
                mean += value;
            }
            mean /= embedding.length;
            double variance = 0;
            for (float value : embedding) {
                variance += (value - mean) * (value - mean);
            }
            variance /= embedding.length;
            double scale = 1 / Math.sqrt(variance + 1e-5);
            for (int i = 0; i < embedding.length; i++) {
                embedding[i] = (float) ((embedding[i] - mean) * scale);
            }
        }
    };

    /**
     * Normalizes a batch.
     *
     * @param embeddings {@code [B, H]}
     * @return {@code [B, H]}, owned by the innermost scope
     */
    abstract Tensor normalize(Tensor embeddings);

    /** Normalizes one embedding in place. */
    abstract void normalize(float[] embedding);
}
