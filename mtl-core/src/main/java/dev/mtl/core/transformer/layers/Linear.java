package dev.mtl.core.transformer.layers;

import dev.mtl.core.nn.Mode;
import dev.mtl.torch.Tensor;

/**
 * A linear layer. All tensors are FLOAT32, on the device of its weights; results are owned by the
 * innermost scope.
 */
public interface Linear {
    /** {@code input * weight' + bias}: {@code [T, in]} to {@code [T, out]}. */
    Tensor apply(Tensor input);

    /** {@code activation(input * weight' + bias)}: {@code [T, in]} to {@code [T, out]}. */
    Tensor apply(Tensor input, Activation activation);

    /**
     * {@code residual + dropout(input * weight' + bias)}.
     *
     * @param residual {@code [T, out]}
     * @param input {@code [T, in]}
     * @param dropout probability of an element of the product to be zeroed in {@link Mode#TRAINING}
     * @return {@code [T, out]}
     */
    Tensor addTo(Tensor residual, Tensor input, double dropout, Mode mode);
}
