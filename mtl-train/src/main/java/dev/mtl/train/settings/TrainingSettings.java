package dev.mtl.train.settings;

import dev.mtl.core.nn.Precision;

import java.util.Arrays;
import java.util.function.Consumer;

/** The section {@code training}. Keys that are not set have the defaults of YAML. */
public final class TrainingSettings extends Keys<TrainingSettings> {
    private final FreezingSettings freezing = new FreezingSettings();
    private final AdapterSettings adapter = new AdapterSettings();

    /** How the losses of several tasks are weighted. */
    public enum LossBalancing {
        /** By each task's {@code loss_weight}. */
        STATIC,
        /** Learned (Kendall, Gal, Cipolla 2018). */
        UNCERTAINTY,
        /** By how fast they fall (Liu, Johns, Davison 2019). */
        DWA,
        /** By {@code loss_weight}, conflicting gradients projected (Yu et al. 2020). */
        PCGRAD,
        /** By the size of their gradients and how fast they fall (Chen et al. 2018). */
        GRADNORM,
        /** By {@code loss_weight}, towards the task that gains least (Liu et al. 2021). */
        CAGRAD,
        /** So that they fall at the same relative rate (Liu et al. 2023). */
        FAMO,
        /** As tasks that bargain for the step agree (Navon et al. 2022). */
        NASH_MTL;

        /** Whether the gradients of tasks are computed one by one. */
        public boolean readsGradients() {
            return switch (this) {
                case STATIC, UNCERTAINTY, DWA -> false;
                case PCGRAD, GRADNORM, CAGRAD, FAMO, NASH_MTL -> true;
            };
        }
    }

    /** What happens if a loss or gradient is infinite or NaN. */
    public enum OnNonFinite {
        /** Training ends. */
        STOP,
        /** The step is skipped: it changes nothing. */
        SKIP
    }

    /** No key is set. */
    public TrainingSettings() {}

    /** Passes over the data; ignored with {@link #maxSteps}. */
    public TrainingSettings epochs(int epochs) {
        return set("epochs", epochs);
    }

    /** Optimizer steps, instead of {@link #epochs}. */
    public TrainingSettings maxSteps(int maxSteps) {
        return set("max_steps", maxSteps);
    }

    /** Texts in a micro-batch. */
    public TrainingSettings batchSize(int batchSize) {
        return set("batch_size", batchSize);
    }

    /** Micro-batches whose gradients make one optimizer step. */
    public TrainingSettings gradientAccumulationSteps(int gradientAccumulationSteps) {
        return set("gradient_accumulation_steps", gradientAccumulationSteps);
    }

    /** The learning rate of heads. */
    public TrainingSettings baseLr(double baseLr) {
        return set("base_lr", baseLr);
    }

    /** Each lower layer's rate is this times the one above. */
    public TrainingSettings layerLrDecay(double layerLrDecay) {
        return set("layer_lr_decay", layerLrDecay);
    }

    /** AdamW's weight decay, not for biases and LayerNorms. */
    public TrainingSettings weightDecay(double weightDecay) {
        return set("weight_decay", weightDecay);
    }

    /** The share of steps over which the learning rate rises from 0. */
    public TrainingSettings warmupRatio(double warmupRatio) {
        return set("warmup_ratio", warmupRatio);
    }

    /** The same in steps, instead of {@link #warmupRatio}. */
    public TrainingSettings warmupSteps(int warmupSteps) {
        return set("warmup_steps", warmupSteps);
    }

    /** The shape of the learning rates after the warmup. */
    public TrainingSettings schedule(Schedule schedule) {
        return set("schedule", schedule);
    }

    /** The power of {@link Schedule#POLYNOMIAL}. */
    public TrainingSettings polynomialPower(double polynomialPower) {
        return set("polynomial_power", polynomialPower);
    }

    /** The global norm that gradients are clipped to; 0 for no limit. */
    public TrainingSettings maxGradNorm(double maxGradNorm) {
        return set("max_grad_norm", maxGradNorm);
    }

    /** AdamW's decay of the first moment. */
    public TrainingSettings adamBeta1(double adamBeta1) {
        return set("adam_beta1", adamBeta1);
    }

    /** AdamW's decay of the second moment. */
    public TrainingSettings adamBeta2(double adamBeta2) {
        return set("adam_beta2", adamBeta2);
    }

    /** What AdamW adds to the root of the second moment. */
    public TrainingSettings adamEps(double adamEps) {
        return set("adam_eps", adamEps);
    }

    /** Of the forward and backward passes: FP32 or BF16; the weights are always float32. */
    public TrainingSettings precision(Precision precision) {
        return set("precision", precision);
    }

    /** Whether layers are recomputed in the backward pass: less memory, more time. */
    public TrainingSettings gradientCheckpointing(boolean gradientCheckpointing) {
        return set("gradient_checkpointing", gradientCheckpointing);
    }

    /** Texts that go through the encoder at once, where a batch is larger. */
    public TrainingSettings gradientCache(int gradientCache) {
        return set("gradient_cache", gradientCache);
    }

    /** Which parts of the model are frozen. Repeated calls add to each other. */
    public TrainingSettings freezing(Consumer<FreezingSettings> keysOfFreezing) {
        keysOfFreezing.accept(freezing);
        return set("freezing", freezing.toMap());
    }

    /** What trains in place of the backbone. Repeated calls add to each other. */
    public TrainingSettings adapter(Consumer<AdapterSettings> keysOfAdapter) {
        keysOfAdapter.accept(adapter);
        return set("adapter", adapter.toMap());
    }

    /** Which data sets a step takes its examples from. */
    public TrainingSettings sampling(Sampling sampling) {
        return set("sampling", sampling);
    }

    /** For {@link Sampling#TEMPERATURE}: 1 by size, 0 uniform. */
    public TrainingSettings samplingExponent(double samplingExponent) {
        return set("sampling_exponent", samplingExponent);
    }

    /** How the losses of several tasks are weighted. */
    public TrainingSettings lossBalance(LossBalancing lossBalance) {
        return set("loss_balance", lossBalance);
    }

    /** For {@link LossBalancing#DWA}: larger values give more equal weights. */
    public TrainingSettings dwaTemperature(double dwaTemperature) {
        return set("dwa_temperature", dwaTemperature);
    }

    /** For {@link LossBalancing#UNCERTAINTY}: learning rate of the variances. */
    public TrainingSettings uncertaintyLr(double uncertaintyLr) {
        return set("uncertainty_lr", uncertaintyLr);
    }

    /** For {@link LossBalancing#GRADNORM}: how strongly slow tasks are preferred. */
    public TrainingSettings gradnormAlpha(double gradnormAlpha) {
        return set("gradnorm_alpha", gradnormAlpha);
    }

    /** For {@link LossBalancing#CAGRAD}: how far from the mean gradient, 0 to below 1. */
    public TrainingSettings cagradC(double cagradC) {
        return set("cagrad_c", cagradC);
    }

    /** For {@link LossBalancing#GRADNORM} and {@link LossBalancing#FAMO}: rate of the weights. */
    public TrainingSettings balanceLr(double balanceLr) {
        return set("balance_lr", balanceLr);
    }

    /** For {@link LossBalancing#FAMO}: weight decay of the weights. */
    public TrainingSettings famoWeightDecay(double famoWeightDecay) {
        return set("famo_weight_decay", famoWeightDecay);
    }

    /** Decay of the average of the weights that is scored and saved; 0 for none. */
    public TrainingSettings weightAverage(double decay) {
        return set("weight_average", decay);
    }

    /** The number of last checkpoints whose mean is scored, and saved if it is better. */
    public TrainingSettings averageCheckpoints(int checkpoints) {
        return set("average_checkpoints", checkpoints);
    }

    /** The weight of the divergence between two passes with different dropout; 0: one pass. */
    public TrainingSettings rDrop(double alpha) {
        return set("r_drop", alpha);
    }

    /** How often the validation data is scored: {@code 1 epoch}, {@code 200 steps}. */
    public TrainingSettings evaluateEvery(String interval) {
        return set("evaluate_every", interval);
    }

    /**
     * What selects the best model: {@code mean} of the tasks' primary metrics, {@code
     * joint_accuracy}, {@code TASK.SCORE}, or {@code mean(TASK.SCORE, ...)}.
     */
    public TrainingSettings bestMetric(String bestMetric) {
        return set("best_metric", bestMetric);
    }

    /** The number of evaluations without improvement after which training ends. */
    public TrainingSettings earlyStoppingPatience(int evaluations) {
        return set("early_stopping_patience", evaluations);
    }

    /** How often a checkpoint is written: {@code 1 epoch}, {@code 200 steps}, {@code never}. */
    public TrainingSettings checkpointEvery(String interval) {
        return set("checkpoint_every", interval);
    }

    /** The number of checkpoints to keep. */
    public TrainingSettings keepCheckpoints(int keepCheckpoints) {
        return set("keep_checkpoints", keepCheckpoints);
    }

    /** What happens if a loss or gradient is infinite or NaN. */
    public TrainingSettings onNonFinite(OnNonFinite onNonFinite) {
        return set("on_non_finite", onNonFinite);
    }

    /** Seed of everything that is random. */
    public TrainingSettings seed(long seed) {
        return set("seed", seed);
    }

    /** The seeds of several runs of {@code mtl train}; a Java program trains for each seed. */
    public TrainingSettings seeds(long... seeds) {
        return set("seeds", Arrays.stream(seeds).boxed().toList());
    }

    /** Whether the same seed gives the same bits with any number of workers. */
    public TrainingSettings deterministic(boolean deterministic) {
        return set("deterministic", deterministic);
    }

    /** Whether each of several processes updates a part of the weights, and keeps its moments. */
    public TrainingSettings shardOptimizer(boolean shardOptimizer) {
        return set("shard_optimizer", shardOptimizer);
    }

    /** Of gradients that several processes send each other: FP32 or BF16. */
    public TrainingSettings exchangePrecision(Precision precision) {
        return set("exchange_precision", precision);
    }

    /** {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}. */
    public TrainingSettings device(String device) {
        return set("device", device);
    }

    /** Micro-batches that run in parallel on a CPU, instead of one per core. */
    public TrainingSettings workers(int workers) {
        return set("workers", workers);
    }
}
