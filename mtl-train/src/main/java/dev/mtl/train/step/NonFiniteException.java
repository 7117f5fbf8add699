package dev.mtl.train.step;

import dev.mtl.core.MtlException;

/** A step with an infinite or NaN loss or gradient, of which nothing was applied. */
public final class NonFiniteException extends MtlException {
    private NonFiniteException(String message) {
        super(message);
    }

    /** Ends training at the first such step. */
    public static NonFiniteException stopped(String problem) {
        return new NonFiniteException(
                problem
                        + "; the weights are as they were before; try a smaller training.base_lr,"
                        + " look at the examples, or set training.on_non_finite to skip");
    }

    /** Ends training after as many such steps in a row as cannot be a few examples' fault. */
    public static NonFiniteException skippedInVain(String problem, int steps) {
        return new NonFiniteException(
                problem
                        + "; it is the "
                        + steps
                        + "th step in a row that training.on_non_finite skips, so it is not a few"
                        + " examples: the weights were NaN from the start, or training"
                        + " diverged; start again with a smaller training.base_lr");
    }
}
