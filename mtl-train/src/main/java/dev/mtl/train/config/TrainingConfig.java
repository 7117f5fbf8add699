package dev.mtl.train.config;

import dev.mtl.torch.Device;
import dev.mtl.train.optim.Schedule;

import org.jspecify.annotations.Nullable;

/**
 * How training goes.
 *
 * @param epochs passes over the data, not used with {@code maxSteps}
 * @param maxSteps optimizer steps, null to train by epochs
 * @param batchSize texts that go through the network at once
 * @param gradientAccumulationSteps batches whose gradients make one optimizer step
 * @param baseLr the learning rate of heads
 * @param layerLrDecay each lower layer's rate is this times the one above
 * @param weightDecay AdamW's, not for biases and LayerNorms
 * @param warmupRatio the share of steps over which the rate rises
 * @param warmupSteps the same in steps, null to go by the ratio
 * @param maxGradNorm the global norm that gradients are cut to, 0 for no limit
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param workers batches that run at once on a CPU, null for one on each core
 */
public record TrainingConfig(
        int epochs,
        @Nullable Integer maxSteps,
        int batchSize,
        int gradientAccumulationSteps,
        double baseLr,
        double layerLrDecay,
        double weightDecay,
        double warmupRatio,
        @Nullable Integer warmupSteps,
        Schedule schedule,
        double maxGradNorm,
        double adamBeta1,
        double adamBeta2,
        double adamEps,
        FreezingConfig freezing,
        long seed,
        String device,
        @Nullable Integer workers) {
    static final TrainingConfig DEFAULTS =
            new TrainingConfig(
                    3,
                    null,
                    16,
                    1,
                    5e-5,
                    0.95,
                    0.01,
                    0.1,
                    null,
                    Schedule.LINEAR,
                    1.0,
                    0.9,
                    0.999,
                    1e-8,
                    FreezingConfig.DEFAULTS,
                    42,
                    "auto",
                    null);

    public TrainingConfig {
        Checks.atLeast("epochs", epochs, 1);
        Checks.atLeast("max_steps", maxSteps == null ? 1 : maxSteps, 1);
        Checks.atLeast("batch_size", batchSize, 1);
        Checks.atLeast("gradient_accumulation_steps", gradientAccumulationSteps, 1);
        Checks.positive("base_lr", baseLr);
        Checks.positive("layer_lr_decay", layerLrDecay);
        Checks.atLeast("weight_decay", weightDecay, 0);
        Checks.within("warmup_ratio", warmupRatio, 0, 1);
        Checks.atLeast("warmup_steps", warmupSteps == null ? 0 : warmupSteps, 0);
        Checks.atLeast("max_grad_norm", maxGradNorm, 0);
        Checks.within("adam_beta1", adamBeta1, 0, 1);
        Checks.within("adam_beta2", adamBeta2, 0, 1);
        Checks.positive("adam_eps", adamEps);
        Checks.atLeast("workers", workers == null ? 1 : workers, 1);
        if (!device.equals("auto")) {
            Device.parse(device);
        }
    }

    /**
     * Steps of the warmup, of so many in all: {@code ceil(warmup_ratio * steps)} as Hugging Face's
     * trainer has it.
     */
    public int warmupSteps(int steps) {
        return warmupSteps == null ? (int) Math.ceil(warmupRatio * steps) : warmupSteps;
    }
}
