package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import dev.mtl.torch.dispatch.Aten;

/** Comparisons, which return {@link DType#BOOL} tensors without gradients, and masks. */
sealed interface ComparisonOps extends Operand permits Tensor {

    default Tensor eq(Tensor other) {
        return DISPATCHER.call(Aten.EQ, self(), other);
    }

    default Tensor ne(Tensor other) {
        return DISPATCHER.call(Aten.NE, self(), other);
    }

    default Tensor gt(Tensor other) {
        return DISPATCHER.call(Aten.GT, self(), other);
    }

    default Tensor ge(Tensor other) {
        return DISPATCHER.call(Aten.GE, self(), other);
    }

    default Tensor lt(Tensor other) {
        return DISPATCHER.call(Aten.LT, self(), other);
    }

    default Tensor le(Tensor other) {
        return DISPATCHER.call(Aten.LE, self(), other);
    }

    /** {@code self and other}; both {@link DType#BOOL}. */
    default Tensor logicalAnd(Tensor other) {
        return DISPATCHER.call(Aten.LOGICAL_AND, self(), other);
    }

    /** {@code self or other}; both {@link DType#BOOL}. */
    default Tensor logicalOr(Tensor other) {
        return DISPATCHER.call(Aten.LOGICAL_OR, self(), other);
    }

    /** {@code not self}. */
    default Tensor logicalNot() {
        return DISPATCHER.call(Aten.LOGICAL_NOT, self());
    }

    /** True where an element is neither infinite nor NaN. */
    default Tensor isFinite() {
        return DISPATCHER.call(Aten.ISFINITE, self());
    }

    /**
     * The elements of {@code yes} where {@code self} (a BOOL mask) is true, else those of {@code
     * no}; all three are broadcast.
     */
    default Tensor where(Tensor yes, Tensor no) {
        return DISPATCHER.call(Aten.WHERE, self(), yes, no);
    }

    /**
     * {@code self} with {@code value} where {@code mask} (BOOL, broadcast) is true.
     *
     * @param value a 0-dimensional tensor
     */
    default Tensor maskedFill(Tensor mask, Tensor value) {
        return DISPATCHER.call(Aten.MASKED_FILL, self(), mask, value);
    }

    /** {@code self} with {@code value} where {@code mask} (BOOL, broadcast) is true. */
    default Tensor maskedFill(Tensor mask, double value) {
        try (var scalar = Tensors.scalarFor(self(), value)) {
            return maskedFill(mask, scalar);
        }
    }
}
