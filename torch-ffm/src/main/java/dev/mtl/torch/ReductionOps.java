package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import dev.mtl.torch.dispatch.Aten;

/** Reductions over all elements or over some dimensions; dimension -1 is the last. */
sealed interface ReductionOps extends Operand permits Tensor {

    /** The sum of all elements, a 0-dimensional tensor. */
    default Tensor sum() {
        return DISPATCHER.call(Aten.SUM, self());
    }

    /** The sums over some dimensions, which are removed. */
    default Tensor sum(int... dimensions) {
        return DISPATCHER.call(Aten.SUM_DIMS, self(), Tensors.longs(dimensions), false);
    }

    /** The sums over some dimensions, which are kept with size 1. */
    default Tensor sumKeepingDims(int... dimensions) {
        return DISPATCHER.call(Aten.SUM_DIMS, self(), Tensors.longs(dimensions), true);
    }

    /** The mean of all elements, a 0-dimensional tensor. */
    default Tensor mean() {
        return DISPATCHER.call(Aten.MEAN, self());
    }

    /** The means over some dimensions, which are removed. */
    default Tensor mean(int... dimensions) {
        return DISPATCHER.call(Aten.MEAN_DIMS, self(), Tensors.longs(dimensions), false);
    }

    /** The largest elements over some dimensions, which are removed; ties share the gradient. */
    default Tensor amax(int... dimensions) {
        return DISPATCHER.call(Aten.AMAX, self(), Tensors.longs(dimensions), false);
    }

    /** The largest elements along a dimension and their indices. */
    default Tensor.MaxResult max(int dimension) {
        var both = DISPATCHER.callAll(Aten.MAX_DIM, self(), dimension, false);
        return new Tensor.MaxResult(both.get(0), both.get(1));
    }

    /** The index of the largest element along a dimension, INT64. */
    default Tensor argmax(int dimension) {
        return DISPATCHER.call(Aten.ARGMAX, self(), dimension, false);
    }

    /**
     * {@code log(sum(exp(self)))} over some dimensions, which are removed, computed without
     * overflow.
     */
    default Tensor logsumexp(int... dimensions) {
        return DISPATCHER.call(Aten.LOGSUMEXP, self(), Tensors.longs(dimensions), false);
    }

    /** Running sums along a dimension. */
    default Tensor cumsum(int dimension) {
        return DISPATCHER.call(Aten.CUMSUM, self(), dimension);
    }

    /** The square root of the sum of the squares of all elements, a 0-dimensional tensor. */
    default Tensor norm() {
        // Other norms take a Scalar or a string; dim -1 reduces over all dimensions.
        return DISPATCHER.call(Aten.NORM_EXCEPT_DIM, self(), 2, -1);
    }
}
