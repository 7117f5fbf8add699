package dev.mtl.core.encoder;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

/** What happens to a sentence embedding after pooling. */
public enum Normalization {
    NONE {
        @Override
        Tensor normalize(Tensor embeddings) {
            return embeddings;
        }
    },
    /** Length 1, so that a dot product is the cosine; as {@code torch.nn.functional.normalize}. */
    L2 {
        @Override
        Tensor normalize(Tensor embeddings) {
            var norms = embeddings.square().sumKeepingDims(1).sqrt();
            return embeddings.div(norms.maximum(Tensors.scalar(1e-12f).to(embeddings.device())));
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
    };

    /**
     * Normalizes a batch.
     *
     * @param embeddings {@code [B, H]}
     * @return {@code [B, H]}, owned by the innermost scope
     */
    abstract Tensor normalize(Tensor embeddings);
}
