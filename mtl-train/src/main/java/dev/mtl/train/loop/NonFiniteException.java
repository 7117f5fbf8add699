package dev.mtl.train.loop;

import dev.mtl.core.MtlException;

/** A step whose loss or gradient is infinite or no number; nothing of it was applied. */
public final class NonFiniteException extends MtlException {
    NonFiniteException(String problem) {
        super(
                problem
                        + "; the weights are as they were before; try a smaller training.base_lr,"
                        + " look at the examples, or set training.on_non_finite to skip");
    }
}
