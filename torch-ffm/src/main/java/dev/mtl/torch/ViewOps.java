package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import dev.mtl.torch.dispatch.Aten;

/**
 * Views and rearrangements; dimension -1 is the last. Views share their memory with {@code self}.
 */
sealed interface ViewOps extends Operand permits Tensor {

    /** A view of another shape; one size may be -1 and is then inferred. */
    default Tensor view(long... shape) {
        return DISPATCHER.call(Aten.VIEW, self(), shape);
    }

    /** Like {@link #view}, or a copy where the strides do not allow a view. */
    default Tensor reshape(long... shape) {
        return DISPATCHER.call(Aten.RESHAPE, self(), shape);
    }

    /** A view with permuted dimensions. */
    default Tensor permute(long... dimensions) {
        return DISPATCHER.call(Aten.PERMUTE, self(), dimensions);
    }

    /** A view with two dimensions swapped. */
    default Tensor transpose(int first, int second) {
        return DISPATCHER.call(Aten.TRANSPOSE, self(), first, second);
    }

    /** A view with a new dimension of size 1. */
    default Tensor unsqueeze(int dimension) {
        return DISPATCHER.call(Aten.UNSQUEEZE, self(), dimension);
    }

    /** A view without a dimension of size 1. */
    default Tensor squeeze(int dimension) {
        return DISPATCHER.call(Aten.SQUEEZE, self(), dimension);
    }

    /** A view in which dimensions of size 1 are repeated; -1 keeps a size. */
    default Tensor expand(long... shape) {
        return DISPATCHER.call(Aten.EXPAND, self(), shape);
    }

    /** A view of one index of a dimension, which is removed. */
    default Tensor select(int dimension, long index) {
        return DISPATCHER.call(Aten.SELECT, self(), dimension, index);
    }

    /** A view of {@code start <= index < end} along a dimension. */
    default Tensor slice(int dimension, long start, long end) {
        return DISPATCHER.call(Aten.SLICE, self(), dimension, start, end);
    }

    /**
     * The slices of a dimension at {@code index}, in that order; a copy.
     *
     * @param index {@code [N]}, INT64
     */
    default Tensor indexSelect(int dimension, Tensor index) {
        return DISPATCHER.call(Aten.INDEX_SELECT, self(), dimension, index);
    }

    /**
     * The elements at {@code index} along a dimension; the result has the shape of {@code index}.
     *
     * @param index INT64, with the number of dimensions of {@code self}
     */
    default Tensor gather(int dimension, Tensor index) {
        return DISPATCHER.call(Aten.GATHER, self(), dimension, index);
    }

    /** This tensor if it is dense and row-major, else a copy that is. */
    default Tensor contiguous() {
        return DISPATCHER.call(Aten.CONTIGUOUS, self());
    }
}
