package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

import java.util.List;

/** The query, key and value projections of a self-attention block. */
public interface QueryKeyValue {
    /** Queries, keys and values, {@code [T, H]} each, owned by the innermost scope. */
    List<Tensor> separate(Tensor input);

    /**
     * The same side by side, {@code [T, 3 * H]}, contiguous, owned by the innermost scope.
     *
     * @param input {@code [T, H]}
     */
    Tensor joint(Tensor input);

    /** Whether {@link dev.mtl.torch.kernels.FusedAttention} may be used on {@link #joint}. */
    boolean isFusible();
}
