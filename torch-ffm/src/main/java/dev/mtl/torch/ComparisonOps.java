package dev.mtl.torch;

/** Comparisons and masks. Comparisons give {@link DType#BOOL} tensors, without gradients. */
public sealed interface ComparisonOps extends Operand permits Tensor {

    default Tensor eq(Tensor other) {
        return Aten.EQ.tensor(self(), other);
    }

    default Tensor ne(Tensor other) {
        return Aten.NE.tensor(self(), other);
    }

    default Tensor gt(Tensor other) {
        return Aten.GT.tensor(self(), other);
    }

    default Tensor ge(Tensor other) {
        return Aten.GE.tensor(self(), other);
    }

    default Tensor lt(Tensor other) {
        return Aten.LT.tensor(self(), other);
    }

    default Tensor le(Tensor other) {
        return Aten.LE.tensor(self(), other);
    }

    /** {@code self and other}; both {@link DType#BOOL}. */
    default Tensor logicalAnd(Tensor other) {
        return Aten.LOGICAL_AND.tensor(self(), other);
    }

    /** {@code self or other}; both {@link DType#BOOL}. */
    default Tensor logicalOr(Tensor other) {
        return Aten.LOGICAL_OR.tensor(self(), other);
    }

    /** {@code not self}. */
    default Tensor logicalNot() {
        return Aten.LOGICAL_NOT.tensor(self());
    }

    /** True where an element is neither infinite nor NaN. */
    default Tensor isFinite() {
        return Aten.ISFINITE.tensor(self());
    }

    /**
     * Where {@code self} (a BOOL mask) is true the element of {@code yes}, else that of {@code no},
     * all three broadcast.
     */
    default Tensor where(Tensor yes, Tensor no) {
        return Aten.WHERE.tensor(self(), yes, no);
    }

    /**
     * {@code self} with {@code value} where {@code mask} (BOOL, broadcast) is true.
     *
     * @param value a tensor without dimensions
     */
    default Tensor maskedFill(Tensor mask, Tensor value) {
        return Aten.MASKED_FILL.tensor(self(), mask, value);
    }

    /** {@code self} with {@code value} where {@code mask} (BOOL, broadcast) is true. */
    default Tensor maskedFill(Tensor mask, double value) {
        try (var scalar = Tensors.scalarFor(self(), value)) {
            return maskedFill(mask, scalar);
        }
    }
}
