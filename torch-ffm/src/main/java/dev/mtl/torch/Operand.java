package dev.mtl.torch;

/**
 * What the operator families are written on: each is an interface whose default methods call one
 * operator on {@link #self}.
 */
sealed interface Operand
        permits ArithmeticOps,
                ComparisonOps,
                ReductionOps,
                ViewOps,
                NnOps,
                Losses,
                ConversionOps,
                HostReads {
    /** The tensor itself. */
    Tensor self();
}
