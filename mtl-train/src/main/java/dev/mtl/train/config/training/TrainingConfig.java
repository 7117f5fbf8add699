package dev.mtl.train.config.training;

import dev.mtl.core.nn.Precision;
import dev.mtl.torch.Device;
import dev.mtl.train.config.yaml.Checks;
import dev.mtl.train.settings.FreezingSettings.Policy;
import dev.mtl.train.settings.Sampling;
import dev.mtl.train.settings.Schedule;
import dev.mtl.train.settings.TrainingSettings.LossBalancing;
import dev.mtl.train.settings.TrainingSettings.OnNonFinite;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;

/**
 * The settings of a training.
 *
 * @param epochs passes over the data; ignored with {@code maxSteps}
 * @param maxSteps optimizer steps; null to train by epochs
 * @param batchSize texts in a micro-batch
 * @param gradientAccumulationSteps micro-batches whose gradients make one optimizer step
 * @param baseLr the learning rate of heads
 * @param layerLrDecay each lower layer's rate is this times the one above
 * @param weightDecay AdamW's, not for biases and LayerNorms
 * @param warmupRatio the share of steps over which the rate rises from 0
 * @param warmupSteps the same in steps; null to use the ratio
 * @param polynomialPower for {@link Schedule#POLYNOMIAL}
 * @param maxGradNorm the global norm that gradients are clipped to; 0 for no limit
 * @param precision of the forward and backward passes; the weights are always float32
 * @param gradientCheckpointing whether layers are recomputed in the backward pass, which needs less
 *     memory and a third more time
 * @param gradientCache texts that go through the encoder at once, where a batch is larger; null for
 *     all
 * @param adapter what trains in place of the backbone
 * @param sampling which data sets a step takes its examples from
 * @param samplingExponent for {@link Sampling#TEMPERATURE}: 1 by size, 0 uniform
 * @param lossBalance how the losses of several tasks are weighted
 * @param dwaTemperature for {@link LossBalancing#DWA}: larger values give more equal weights
 * @param uncertaintyLr for {@link LossBalancing#UNCERTAINTY}: learning rate of the variances
 * @param gradnormAlpha for {@link LossBalancing#GRADNORM}: how strongly slow tasks are preferred
 * @param cagradC for {@link LossBalancing#CAGRAD}: how far from the mean gradient the step may be
 * @param balanceLr for {@link LossBalancing#GRADNORM} and {@link LossBalancing#FAMO}: learning rate
 *     of the weights
 * @param famoWeightDecay for {@link LossBalancing#FAMO}: weight decay of the weights
 * @param weightAverage decay of the average of the weights that is scored and saved; 0 for none
 * @param averageCheckpoints the number of last checkpoints whose mean is scored and saved if it is
 *     better; null for none
 * @param rDrop the weight of the divergence between two passes with different dropout; 0 for one
 *     pass
 * @param evaluateEvery how often the validation data is scored, besides after the last step
 * @param bestMetric what selects the best model: {@code mean} of the tasks' primary metrics,
 *     weighted by {@code loss_weight}, {@code joint_accuracy}, {@code TASK.SCORE} or {@code
 *     mean(TASK.SCORE, ...)}
 * @param earlyStoppingPatience the number of evaluations without improvement after which training
 *     ends; null for no limit
 * @param checkpointEvery how often a checkpoint is written; {@code never} for not at all
 * @param keepCheckpoints the number of checkpoints to keep
 * @param onNonFinite what happens if a loss or gradient is infinite or NaN
 * @param seeds of several runs of {@code mtl train}, in place of {@code seed}; empty for one run
 * @param deterministic whether the same seed gives the same bits with any number of workers
 * @param shardOptimizer whether each of several processes updates a part of the weights
 * @param exchangePrecision of gradients that several processes send each other
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param workers micro-batches that run in parallel on a CPU; null for one per core
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
        double polynomialPower,
        double maxGradNorm,
        double adamBeta1,
        double adamBeta2,
        double adamEps,
        Precision precision,
        boolean gradientCheckpointing,
        @Nullable Integer gradientCache,
        FreezingConfig freezing,
        AdapterConfig adapter,
        Sampling sampling,
        double samplingExponent,
        LossBalancing lossBalance,
        double dwaTemperature,
        double uncertaintyLr,
        double gradnormAlpha,
        double cagradC,
        double balanceLr,
        double famoWeightDecay,
        double weightAverage,
        @Nullable Integer averageCheckpoints,
        double rDrop,
        String evaluateEvery,
        String bestMetric,
        @Nullable Integer earlyStoppingPatience,
        String checkpointEvery,
        int keepCheckpoints,
        OnNonFinite onNonFinite,
        long seed,
        List<String> seeds,
        boolean deterministic,
        boolean shardOptimizer,
        Precision exchangePrecision,
        String device,
        @Nullable Integer workers) {
    /** The value of {@code checkpoint_every} for no checkpoints. */
    public static final String NEVER = "never";

    /** The value of {@code best_metric} for the mean of the tasks' primary metrics. */
    public static final String MEAN = "mean";

    /** The value of {@code best_metric} for the share of examples that are right in every task. */
    public static final String JOINT_ACCURACY = "joint_accuracy";

    /** The values of keys that are left out. */
    public static final TrainingConfig DEFAULTS =
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
                    1.0,
                    0.9,
                    0.999,
                    1e-8,
                    Precision.FP32,
                    false,
                    null,
                    FreezingConfig.DEFAULTS,
                    AdapterConfig.NONE,
                    Sampling.PROPORTIONAL,
                    0.5,
                    LossBalancing.STATIC,
                    2.0,
                    1e-3,
                    1.5,
                    0.5,
                    0.025,
                    1e-3,
                    0,
                    null,
                    0,
                    "1 epoch",
                    MEAN,
                    null,
                    "1 epoch",
                    2,
                    OnNonFinite.STOP,
                    42,
                    List.of(),
                    true,
                    false,
                    Precision.FP32,
                    "auto",
                    null);

    public TrainingConfig {
        Checks.atLeast("epochs", epochs, 1);
        seeds = List.copyOf(seeds);
        for (var each : seeds) {
            if (!each.matches("-?\\d{1,18}")) {
                throw new IllegalArgumentException(
                        "seeds has '" + each + "', a seed is an integer");
            }
        }
        Checks.atLeast("max_steps", maxSteps == null ? 1 : maxSteps, 1);
        Checks.atLeast("batch_size", batchSize, 1);
        Checks.atLeast("gradient_accumulation_steps", gradientAccumulationSteps, 1);
        if ((long) batchSize * gradientAccumulationSteps > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "gradient_accumulation_steps is %d, of batches of %d texts these are more than %d a step"
                            .formatted(gradientAccumulationSteps, batchSize, Integer.MAX_VALUE));
        }
        Checks.positive("base_lr", baseLr);
        Checks.positive("layer_lr_decay", layerLrDecay);
        Checks.atLeast("weight_decay", weightDecay, 0);
        Checks.within("warmup_ratio", warmupRatio, 0, 1);
        Checks.atLeast("warmup_steps", warmupSteps == null ? 0 : warmupSteps, 0);
        Checks.positive("polynomial_power", polynomialPower);
        Checks.atLeast("max_grad_norm", maxGradNorm, 0);
        Checks.within("adam_beta1", adamBeta1, 0, 1);
        Checks.within("adam_beta2", adamBeta2, 0, 1);
        Checks.positive("adam_eps", adamEps);
        if (precision == Precision.INT8) {
            throw new IllegalArgumentException(
                    "precision int8 is for embed, predict and evaluate; training computes in fp32"
                            + " or bf16");
        }
        if (exchangePrecision == Precision.INT8) {
            throw new IllegalArgumentException(
                    "exchange_precision is int8, gradients are sent in fp32 or bf16");
        }
        if (exchangePrecision == Precision.BF16 && deterministic) {
            throw new IllegalArgumentException(
                    "exchange_precision: bf16 rounds what processes send each other, so the result"
                            + " depends on their number; set deterministic: false too, or leave it"
                            + " at fp32");
        }
        Checks.atLeast("sampling_exponent", samplingExponent, 0);
        Checks.positive("dwa_temperature", dwaTemperature);
        Checks.positive("uncertainty_lr", uncertaintyLr);
        Checks.atLeast("gradnorm_alpha", gradnormAlpha, 0);
        if (!(cagradC >= 0 && cagradC < 1)) {
            throw new IllegalArgumentException("cagrad_c is " + cagradC + ", it must be in [0, 1)");
        }
        Checks.positive("balance_lr", balanceLr);
        Checks.atLeast("famo_weight_decay", famoWeightDecay, 0);
        if (!(weightAverage >= 0 && weightAverage < 1)) {
            throw new IllegalArgumentException(
                    "weight_average is "
                            + weightAverage
                            + ", it is a decay, from 0, for none, to below 1");
        }
        Checks.atLeast("r_drop", rDrop, 0);
        checkAverageCheckpoints(averageCheckpoints, weightAverage, checkpointEvery);
        Interval.parse("evaluate_every", evaluateEvery);
        Checks.atLeast(
                "early_stopping_patience",
                earlyStoppingPatience == null ? 1 : earlyStoppingPatience,
                1);
        if (!checkpointEvery.equals(NEVER)) {
            Interval.parse("checkpoint_every", checkpointEvery);
        }
        Checks.atLeast("keep_checkpoints", keepCheckpoints, 1);
        Checks.atLeast("workers", workers == null ? 1 : workers, 1);
        Checks.atLeast("gradient_cache", gradientCache == null ? 1 : gradientCache, 1);
        if (gradientCache != null && gradientCheckpointing) {
            throw new IllegalArgumentException(
                    "gradient_cache computes the encoder again chunk by chunk,"
                            + " gradient_checkpointing layer by layer; use one of them");
        }
        if (gradientCache != null && lossBalance.readsGradients()) {
            throw new IllegalArgumentException(
                    "gradient_cache goes backward once, loss_balance: %s once for each task; use one of them"
                            .formatted(name(lossBalance)));
        }
        if (gradientCheckpointing && lossBalance.readsGradients()) {
            throw new IllegalArgumentException(
                    "gradient_checkpointing goes backward once, loss_balance: %s once for each task; use one of them"
                            .formatted(name(lossBalance)));
        }
        adapter.requireType();
        if (adapter.isOn()
                && freezing.policy() != Policy.NONE
                && freezing.policy() != Policy.HEADS) {
            throw new IllegalArgumentException(
                    "adapter trains in place of the backbone, which stays as it is; use freezing"
                            + " for heads only, or leave one of them out");
        }
        if (!device.equals("auto")) {
            Device.parse(device);
        }
    }

    private static void checkAverageCheckpoints(
            @Nullable Integer averageCheckpoints, double weightAverage, String checkpointEvery) {
        if (averageCheckpoints == null) {
            return;
        }
        Checks.atLeast("average_checkpoints", averageCheckpoints, 2);
        if (weightAverage > 0) {
            throw new IllegalArgumentException(
                    "average_checkpoints and weight_average both average the weights; use one of"
                            + " them");
        }
        if (checkpointEvery.equals(NEVER)) {
            throw new IllegalArgumentException(
                    "average_checkpoints averages checkpoints, and checkpoint_every: never writes"
                            + " none; write some, or leave one of the keys out");
        }
    }

    /** What YAML calls a way of balancing. */
    public static String name(LossBalancing lossBalance) {
        return lossBalance.name().toLowerCase(Locale.ROOT);
    }

    /** When the validation data is scored, in steps. */
    public int evaluationSteps(int stepsPerEpoch) {
        return Interval.parse("evaluate_every", evaluateEvery).steps(stepsPerEpoch);
    }

    /** The interval of checkpoints in steps; larger than the number of steps if none is written. */
    public int checkpointSteps(int stepsPerEpoch) {
        return checkpointEvery.equals(NEVER)
                ? Integer.MAX_VALUE
                : Interval.parse("checkpoint_every", checkpointEvery).steps(stepsPerEpoch);
    }

    /**
     * The number of warm-up steps of {@code steps}: {@code ceil(warmup_ratio * steps)}, as in
     * Hugging Face's trainer.
     */
    public int warmupSteps(int steps) {
        return warmupSteps == null ? (int) Math.ceil(warmupRatio * steps) : warmupSteps;
    }
}
