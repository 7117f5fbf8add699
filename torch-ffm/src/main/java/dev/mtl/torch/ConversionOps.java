package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import dev.mtl.torch.dispatch.Aten;

/** Conversions, copies and in-place changes. */
sealed interface ConversionOps extends Operand permits Tensor {

    /** Converted to a dtype; shares the memory if it has that dtype already. */
    default Tensor to(DType dtype) {
        return self().dtype() == dtype
                ? self().duplicateHandle()
                : DISPATCHER.call(Aten.TO_DTYPE, self(), dtype);
    }

    /** Copied to a device; shares the memory if it is there already. */
    default Tensor to(Device device) {
        return self().device().equals(device)
                ? self().duplicateHandle()
                : DISPATCHER.call(Aten.TO_DEVICE, self(), device, self().dtype());
    }

    /** The same memory without the autograd graph. */
    default Tensor detach() {
        return DISPATCHER.call(Aten.DETACH, self());
    }

    /** A copy. */
    default Tensor copy() {
        return DISPATCHER.call(Aten.CLONE, self());
    }

    /** Zeros of the same shape, dtype and device. */
    default Tensor zerosLike() {
        return DISPATCHER.call(Aten.ZEROS_LIKE, self());
    }

    /** Copies {@code source} (broadcast) into this tensor, in place. */
    default Tensor copyFrom(Tensor source) {
        DISPATCHER.run(Aten.COPY_, self(), source);
        return self();
    }

    /**
     * Copies the slices of {@code source} along a dimension to those at {@code index}, in place.
     *
     * @param index {@code [N]}, INT64, without repetitions
     * @param source with N slices, of this tensor's dtype
     */
    default Tensor indexCopy(int dimension, Tensor index, Tensor source) {
        DISPATCHER.run(Aten.INDEX_COPY_, self(), dimension, index, source);
        return self();
    }

    /** Sets every element to zero, in place. */
    default Tensor zero() {
        DISPATCHER.run(Aten.ZERO_, self());
        return self();
    }

    /** Draws every element from a normal distribution, in place. */
    default Tensor normal(double mean, double standardDeviation) {
        RandomStream.drawInPlace(
                () -> DISPATCHER.run(Aten.NORMAL_, self(), mean, standardDeviation));
        return self();
    }

    /** Draws every element uniformly from {@code [from, to)}, in place. */
    default Tensor uniform(double from, double to) {
        RandomStream.drawInPlace(() -> DISPATCHER.run(Aten.UNIFORM_, self(), from, to));
        return self();
    }
}
