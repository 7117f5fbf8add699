package dev.mtl.train.run;

import dev.mtl.train.checkpoint.TrainerState;
import dev.mtl.train.sampling.TrainingSet;
import dev.mtl.train.settings.TrainingSettings.OnNonFinite;
import dev.mtl.train.step.NonFinite;
import dev.mtl.train.step.NonFiniteException;
import dev.mtl.train.step.StepResult;

import java.util.List;

/** Steps that changed nothing, because a loss or a gradient was infinite or NaN. */
final class SkippedSteps {
    /** Steps in a row that may be skipped: after more, it is not a few examples. */
    private static final int MOST = 20;

    private SkippedSteps() {}

    /**
     * Says why a step changed nothing.
     *
     * @param before the state before the step
     * @throws NonFiniteException if it may not be skipped
     */
    static String next(
            OnNonFinite wanted,
            TrainerState before,
            StepResult result,
            List<TrainingSet.Batch> batches) {
        var problem = NonFinite.describe(before.step() + 1, result, batches);
        if (wanted == OnNonFinite.STOP) {
            throw NonFiniteException.stopped(problem);
        }
        if (before.skippedInARow() + 1 >= MOST) {
            throw NonFiniteException.skippedInVain(problem, before.skippedInARow() + 1);
        }
        return problem;
    }
}
