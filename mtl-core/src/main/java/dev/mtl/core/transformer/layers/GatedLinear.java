package dev.mtl.core.transformer.layers;

import dev.mtl.torch.Tensor;

/** Two linear layers on the same input, of which one is the gate of the other. */
@FunctionalInterface
public interface GatedLinear {
    /**
     * {@code activation(input * a' + bias) * (input * b' + bias)}, elementwise.
     *
     * @param input {@code [T, in]}
     * @return {@code [T, out]}, owned by the innermost scope
     */
    Tensor apply(Tensor input, Activation activation);
}
