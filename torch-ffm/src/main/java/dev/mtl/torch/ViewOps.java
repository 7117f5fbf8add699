package dev.mtl.torch;

/**
 * Views and rearrangements; -1 is the last dimension. Views share their memory with {@code self}.
 */
public sealed interface ViewOps extends Operand permits Tensor {

    /** A view with other sizes, of which one may be -1: what is left. */
    default Tensor view(long... shape) {
        return Aten.VIEW.tensor(self(), shape);
    }

    /** Like {@link #view}, or a copy where the memory does not allow a view. */
    default Tensor reshape(long... shape) {
        return Aten.RESHAPE.tensor(self(), shape);
    }

    /** A view with its dimensions in another order. */
    default Tensor permute(long... dimensions) {
        return Aten.PERMUTE.tensor(self(), dimensions);
    }

    /** A view with two dimensions exchanged. */
    default Tensor transpose(int first, int second) {
        return Aten.TRANSPOSE.tensor(self(), first, second);
    }

    /** A view with a new dimension of size 1. */
    default Tensor unsqueeze(int dimension) {
        return Aten.UNSQUEEZE.tensor(self(), dimension);
    }

    /** A view without a dimension of size 1. */
    default Tensor squeeze(int dimension) {
        return Aten.SQUEEZE.tensor(self(), dimension);
    }

    /** A view in which dimensions of size 1 are repeated; -1 leaves one as it is. */
    default Tensor expand(long... shape) {
        return Aten.EXPAND.tensor(self(), shape);
    }

    /** A view of one slice along a dimension, which goes. */
    default Tensor select(int dimension, long index) {
        return Aten.SELECT.tensor(self(), dimension, index);
    }

    /** A view of {@code start <= index < end} along a dimension. */
    default Tensor slice(int dimension, long start, long end) {
        return Aten.SLICE.tensor(self(), dimension, start, end);
    }

    /**
     * The slices along a dimension that {@code index} names, in that order; a copy.
     *
     * @param index {@code [N]}, INT64
     */
    default Tensor indexSelect(int dimension, Tensor index) {
        return Aten.INDEX_SELECT.tensor(self(), dimension, index);
    }

    /**
     * One element per element of {@code index} along a dimension.
     *
     * @param index INT64, as many dimensions as {@code self}
     */
    default Tensor gather(int dimension, Tensor index) {
        return Aten.GATHER.tensor(self(), dimension, index);
    }

    /** This tensor if its memory is dense and row by row, else a copy that is. */
    default Tensor contiguous() {
        return Aten.CONTIGUOUS.tensor(self());
    }
}
