package dev.mtl.train.step;

import dev.mtl.core.nn.Precision;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.config.TrainingConfig.LossBalancing;

/**
 * How a step computes its gradients.
 *
 * @param draws where dropout draws from
 * @param precision of the passes
 * @param checkpointing whether layers are computed again for the backward pass
 * @param deterministic whether micro-batches are added up in their order
 * @param projecting whether conflicting gradients of tasks are projected
 */
public record StepOptions(
        Draws draws,
        Precision precision,
        boolean checkpointing,
        boolean deterministic,
        boolean projecting) {
    /** Where dropout draws from. */
    public enum Draws {
        /**
         * From a stream that follows from seed, step and micro-batch: the same with any number of
         * workers.
         */
        BY_MICRO_BATCH,
        /**
         * From LibTorch's global generator in the order of the operators, as PyTorch does; for one
         * worker.
         */
        GLOBAL
    }

    /** Float32, in order, all at once. */
    public static StepOptions plain(Draws draws) {
        return new StepOptions(draws, Precision.FP32, false, true, false);
    }

    public static StepOptions of(TrainingConfig config) {
        return new StepOptions(
                Draws.BY_MICRO_BATCH,
                config.precision(),
                config.gradientCheckpointing(),
                config.deterministic(),
                config.lossBalance() == LossBalancing.PCGRAD);
    }
}
