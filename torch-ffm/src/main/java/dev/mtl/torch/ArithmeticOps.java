package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import java.lang.foreign.ValueLayout;

/**
 * Elementwise arithmetic. Operands are broadcast against each other as in NumPy; a {@code double}
 * takes the tensor's own dtype (float32 for integer tensors).
 */
public sealed interface ArithmeticOps extends Operand permits Tensor {

    /** {@code self + other}. */
    default Tensor add(Tensor other) {
        return Plus.plus(self(), other, 1);
    }

    /** {@code self + value}. */
    default Tensor add(double value) {
        try (var scalar = Tensors.scalarFor(self(), value)) {
            return add(scalar);
        }
    }

    /** {@code self - other}. */
    default Tensor sub(Tensor other) {
        return Plus.plus(self(), other, -1);
    }

    /** {@code self - value}. */
    default Tensor sub(double value) {
        return add(-value);
    }

    /** {@code self * other}. */
    default Tensor mul(Tensor other) {
        return Aten.MUL.tensor(self(), other);
    }

    /** {@code self * value}. */
    default Tensor mul(double value) {
        try (var scalar = Tensors.scalarFor(self(), value)) {
            return mul(scalar);
        }
    }

    /** {@code self / other}. */
    default Tensor div(Tensor other) {
        return Aten.DIV.tensor(self(), other);
    }

    /** {@code self / value}. */
    default Tensor div(double value) {
        try (var scalar = Tensors.scalarFor(self(), value)) {
            return div(scalar);
        }
    }

    /** {@code self} to the power of {@code exponent}. */
    default Tensor pow(Tensor exponent) {
        return Aten.POW.tensor(self(), exponent);
    }

    default Tensor neg() {
        return Aten.NEG.tensor(self());
    }

    default Tensor abs() {
        return Aten.ABS.tensor(self());
    }

    default Tensor square() {
        return Aten.SQUARE.tensor(self());
    }

    default Tensor sqrt() {
        return Aten.SQRT.tensor(self());
    }

    default Tensor exp() {
        return Aten.EXP.tensor(self());
    }

    /** The natural logarithm. */
    default Tensor log() {
        return Aten.LOG.tensor(self());
    }

    /** {@code self} held between two bounds that are broadcast against it. */
    default Tensor clamp(Tensor min, Tensor max) {
        return Aten.CLAMP.tensor(self(), min, max);
    }

    /** The smaller of both, elementwise. */
    default Tensor minimum(Tensor other) {
        return Aten.MINIMUM.tensor(self(), other);
    }

    /** The larger of both, elementwise. */
    default Tensor maximum(Tensor other) {
        return Aten.MAXIMUM.tensor(self(), other);
    }

    /**
     * Matrix product; leading dimensions are batches: {@code [..., N, K] x [..., K, M] = [..., N,
     * M]}.
     */
    default Tensor matmul(Tensor other) {
        return Aten.MATMUL.tensor(self(), other);
    }

    /** Batched matrix product: {@code [B, N, K] x [B, K, M] = [B, N, M]}. */
    default Tensor bmm(Tensor other) {
        return Aten.BMM.tensor(self(), other);
    }

    /** Sum and difference through the one C function that carries their Scalar {@code alpha}. */
    final class Plus {
        private Plus() {}

        private static Tensor plus(Tensor self, Tensor other, double sign) {
            if (other == null) {
                throw new IllegalArgumentException("add: 'other' must not be null");
            }
            var scope = TensorScope.current("add");
            try (var borrowed = new BorrowedHandles()) {
                var left = borrowed.of(self);
                var right = borrowed.of(other);
                var out = Scratch.get().out();
                int code = LibTorchAbi.aoti_torch_aten_subtract_Tensor(left, right, -sign, out);
                if (code != 0) {
                    throw NativeCalls.failure(
                            "aten::"
                                    + (sign > 0 ? "add" : "sub")
                                    + ".Tensor(self: "
                                    + self
                                    + ", other: "
                                    + other
                                    + ")");
                }
                return Tensor.adopt(out.get(ValueLayout.JAVA_LONG, 0), scope);
            }
        }
    }
}
