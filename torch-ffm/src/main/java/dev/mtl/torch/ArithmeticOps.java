package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.BorrowedHandles;
import dev.mtl.torch.dispatch.NativeCalls;
import dev.mtl.torch.dispatch.Scratch;

import java.lang.foreign.ValueLayout;

/**
 * Elementwise arithmetic and matrix products. Operands are broadcast as in NumPy; a {@code double}
 * is converted to the tensor's dtype (FLOAT32 for integer tensors).
 */
sealed interface ArithmeticOps extends Operand permits Tensor {

    /** {@code self + other}. */
    default Tensor add(Tensor other) {
        return addScaled(self(), other, 1);
    }

    /** {@code self + value}. */
    default Tensor add(double value) {
        try (var scalar = Tensors.scalarFor(self(), value)) {
            return add(scalar);
        }
    }

    /** {@code self - other}. */
    default Tensor sub(Tensor other) {
        return addScaled(self(), other, -1);
    }

    /** {@code self - value}. */
    default Tensor sub(double value) {
        return add(-value);
    }

    /** {@code self * other}. */
    default Tensor mul(Tensor other) {
        return DISPATCHER.call(Aten.MUL, self(), other);
    }

    /** {@code self * value}. */
    default Tensor mul(double value) {
        try (var scalar = Tensors.scalarFor(self(), value)) {
            return mul(scalar);
        }
    }

    /** {@code self / other}. */
    default Tensor div(Tensor other) {
        return DISPATCHER.call(Aten.DIV, self(), other);
    }

    /** {@code self / value}. */
    default Tensor div(double value) {
        try (var scalar = Tensors.scalarFor(self(), value)) {
            return div(scalar);
        }
    }

    /** {@code self} to the power of {@code exponent}. */
    default Tensor pow(Tensor exponent) {
        return DISPATCHER.call(Aten.POW, self(), exponent);
    }

    default Tensor neg() {
        return DISPATCHER.call(Aten.NEG, self());
    }

    default Tensor abs() {
        return DISPATCHER.call(Aten.ABS, self());
    }

    default Tensor square() {
        return DISPATCHER.call(Aten.SQUARE, self());
    }

    default Tensor sqrt() {
        return DISPATCHER.call(Aten.SQRT, self());
    }

    default Tensor exp() {
        return DISPATCHER.call(Aten.EXP, self());
    }

    /** The natural logarithm. */
    default Tensor log() {
        return DISPATCHER.call(Aten.LOG, self());
    }

    /** {@code self} limited to {@code [min, max]}; the bounds are broadcast. */
    default Tensor clamp(Tensor min, Tensor max) {
        return DISPATCHER.call(Aten.CLAMP, self(), min, max);
    }

    /** The elementwise minimum. */
    default Tensor minimum(Tensor other) {
        return DISPATCHER.call(Aten.MINIMUM, self(), other);
    }

    /** The elementwise maximum. */
    default Tensor maximum(Tensor other) {
        return DISPATCHER.call(Aten.MAXIMUM, self(), other);
    }

    /**
     * Matrix product; leading dimensions are batches: {@code [..., N, K] x [..., K, M] = [..., N,
     * M]}.
     */
    default Tensor matmul(Tensor other) {
        return DISPATCHER.call(Aten.MATMUL, self(), other);
    }

    /** Batched matrix product: {@code [B, N, K] x [B, K, M] = [B, N, M]}. */
    default Tensor bmm(Tensor other) {
        return DISPATCHER.call(Aten.BMM, self(), other);
    }

    /**
     * {@code self + sign * other}. {@code aten::add} has a Scalar {@code alpha}, which the
     * dispatcher cannot pass; this C function can.
     */
    private static Tensor addScaled(Tensor self, Tensor other, double sign) {
        if (other == null) {
            throw new IllegalArgumentException("add: 'other' must not be null");
        }
        DISPATCHER.requireScope("add");
        try (var borrowed = new BorrowedHandles()) {
            var left = DISPATCHER.handle(self, borrowed);
            var right = DISPATCHER.handle(other, borrowed);
            var out = Scratch.get().out();
            int code = LibTorchAbi.aoti_torch_aten_subtract_Tensor(left, right, -sign, out);
            if (code != 0) {
                throw NativeCalls.failure(
                        "aten::%s.Tensor(self: %s, other: %s)"
                                .formatted(sign > 0 ? "add" : "sub", self, other));
            }
            return DISPATCHER.adopt(out.get(ValueLayout.JAVA_LONG, 0));
        }
    }
}
