package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

/**
 * What attention does to queries and keys so that their products depend on positions, such as a
 * rotation (Su et al. 2021, arXiv 2104.09864).
 */
@FunctionalInterface
public interface PositionTransform {
    /**
     * Transforms queries or keys.
     *
     * @param heads {@code [B, heads, S, d]}, padding included
     * @return the same shape, owned by the innermost scope
     */
    Tensor apply(Tensor heads);
}
