package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

/** A block of an encoder layer whose result is added to the residual stream. */
@FunctionalInterface
public interface Sublayer {
    /**
     * {@code residual + block(input)}.
     *
     * @param residual {@code [T, H]}, stays open
     * @param input {@code [T, H]}, stays open; in post-norm layers the same tensor as {@code
     *     residual}, in pre-norm layers its norm
     * @return {@code [T, H]}, owned by the innermost scope
     */
    Tensor addTo(Tensor residual, Tensor input, Pass pass);
}
