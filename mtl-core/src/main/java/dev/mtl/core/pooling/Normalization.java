package dev.mtl.core.pooling;

/** How a sentence embedding is normalized after pooling. */
public enum Normalization {
    /** Not at all. */
    NONE,
    /** Length 1, so that a dot product is the cosine; as {@code torch.nn.functional.normalize}. */
    L2,
    /**
     * Mean 0 and variance 1 over the dimensions, without learned weights; eps 1e-5 as {@code
     * torch.nn.functional.layer_norm}.
     */
    LAYER_NORM
}
