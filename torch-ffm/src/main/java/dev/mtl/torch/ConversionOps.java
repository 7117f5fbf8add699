package dev.mtl.torch;

/** Copies, other dtypes and devices, and changes in place. */
public sealed interface ConversionOps extends Operand permits Tensor {

    /** This tensor's values in another dtype; a copy where it differs. */
    default Tensor to(DType dtype) {
        return self().dtype() == dtype
                ? self().duplicateHandle()
                : Aten.TO_DTYPE.tensor(self(), dtype);
    }

    /** This tensor's values on another device; a copy where it differs. */
    default Tensor to(Device device) {
        return self().device().equals(device)
                ? self().duplicateHandle()
                : Aten.TO_DEVICE.tensor(self(), device, self().dtype());
    }

    /** The same memory, outside of the graph. */
    default Tensor detach() {
        return Aten.DETACH.tensor(self());
    }

    /** A copy in memory of its own. */
    default Tensor copy() {
        return Aten.CLONE.tensor(self());
    }

    /** Zeros of the same shape, dtype and device. */
    default Tensor zerosLike() {
        return Aten.ZEROS_LIKE.tensor(self());
    }

    /** Copies {@code source} (broadcast) into this memory. */
    default Tensor copyFrom(Tensor source) {
        Aten.COPY_.run(self(), source);
        return self();
    }

    /** Sets every element to zero, in place. */
    default Tensor zero() {
        Aten.ZERO_.run(self());
        return self();
    }

    /** Draws every element from a normal distribution, in place. */
    default Tensor normal(double mean, double standardDeviation) {
        RandomStream.drawInPlace(() -> Aten.NORMAL_.run(self(), mean, standardDeviation));
        return self();
    }

    /** Draws every element uniformly from {@code [from, to)}, in place. */
    default Tensor uniform(double from, double to) {
        RandomStream.drawInPlace(() -> Aten.UNIFORM_.run(self(), from, to));
        return self();
    }
}
