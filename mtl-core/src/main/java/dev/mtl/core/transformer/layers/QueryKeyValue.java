package dev.mtl.core.transformer.layers;

import dev.mtl.torch.Tensor;

import java.util.List;

/** The query, key and value projections of a self-attention block. */
@FunctionalInterface
public interface QueryKeyValue {
    /**
     * Queries {@code [T, H]}, keys and values, {@code [T, K]} each, owned by the innermost scope; K
     * is less than H where several heads share keys and values.
     *
     * @param input {@code [T, H]}
     */
    List<Tensor> separate(Tensor input);

    /**
     * Projections that {@link dev.mtl.torch.kernels.FusedAttention} can be used on; without a
     * graph.
     */
    interface Joint extends QueryKeyValue {
        /**
         * Queries, keys and values side by side, {@code [T, H + 2 * K]}, contiguous, owned by the
         * innermost scope.
         *
         * @param input {@code [T, H]}
         */
        Tensor joint(Tensor input);
    }
}
