package dev.mtl.torch;

/**
 * What the operator families are written on: each is an interface whose default methods call one
 * operator on {@link #self}.
 */
sealed interface Operand
        permits Arithmetic, Comparing, Reducing, Shaping, Neural, Losses, Converting, Reading {
    /** The tensor itself. */
    Tensor self();
}
