package dev.mtl.torch;

/**
 * Base of the operator families: interfaces whose default methods call one operator on {@link
 * #self}. They are package-private, since users call them on {@link Tensor}, and in this package,
 * since a sealed type and its permitted types share a package on the class path.
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
    /** This tensor. */
    Tensor self();
}
