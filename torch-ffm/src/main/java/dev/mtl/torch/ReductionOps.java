package dev.mtl.torch;

/** Reductions over all elements or over some dimensions; -1 is the last dimension. */
public sealed interface ReductionOps extends Operand permits Tensor {

    /** The sum of all elements, a tensor without dimensions. */
    default Tensor sum() {
        return Aten.SUM.tensor(self());
    }

    /** The sums over some dimensions, which go. */
    default Tensor sum(int... dimensions) {
        return Aten.SUM_DIMS.tensor(self(), Tensors.longs(dimensions), false);
    }

    /** The sums over some dimensions, which stay with size 1. */
    default Tensor sumKeepingDims(int... dimensions) {
        return Aten.SUM_DIMS.tensor(self(), Tensors.longs(dimensions), true);
    }

    /** The mean of all elements, a tensor without dimensions. */
    default Tensor mean() {
        return Aten.MEAN.tensor(self());
    }

    /** The means over some dimensions, which go. */
    default Tensor mean(int... dimensions) {
        return Aten.MEAN_DIMS.tensor(self(), Tensors.longs(dimensions), false);
    }

    /** The largest elements over some dimensions, which go; ties share the gradient. */
    default Tensor amax(int... dimensions) {
        return Aten.AMAX.tensor(self(), Tensors.longs(dimensions), false);
    }

    /** The largest elements along a dimension and where they stand. */
    default MaxResult max(int dimension) {
        var both = Aten.MAX_DIM.tensors(self(), dimension, false);
        return new MaxResult(both.get(0), both.get(1));
    }

    /**
     * What {@link #max} gives.
     *
     * @param values the largest elements, dtype of the input
     * @param indices their positions, INT64
     */
    record MaxResult(Tensor values, Tensor indices) {}

    /** The position of the largest element along a dimension, INT64. */
    default Tensor argmax(int dimension) {
        return Aten.ARGMAX.tensor(self(), dimension, false);
    }

    /** {@code log(sum(exp(self)))} over some dimensions, which go, without overflow. */
    default Tensor logsumexp(int... dimensions) {
        return Aten.LOGSUMEXP.tensor(self(), Tensors.longs(dimensions), false);
    }

    /** Running sums along a dimension. */
    default Tensor cumsum(int dimension) {
        return Aten.CUMSUM.tensor(self(), dimension);
    }

    /** The square root of the sum of the squares of all elements, a tensor without dimensions. */
    default Tensor norm() {
        // The other norms have a Scalar or a string in their schemas; -1: except no dimension.
        return Aten.NORM_EXCEPT_DIM.tensor(self(), 2, -1);
    }
}
