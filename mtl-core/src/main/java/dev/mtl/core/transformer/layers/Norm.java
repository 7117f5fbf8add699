package dev.mtl.core.transformer.layers;

import dev.mtl.torch.Tensor;

/** A normalization over the last dimension, with learned weights. */
public interface Norm {
    /** Normalizes; {@code input} {@code [..., H]} stays as it is and stays open. */
    Tensor apply(Tensor input);

    /**
     * Normalizes a tensor that is not needed any more.
     *
     * @param input {@code [T, H]}, contiguous; overwritten and returned, or closed
     * @return {@code [T, H]}
     */
    Tensor replace(Tensor input);
}
