package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Precision;
import dev.mtl.torch.Tensor;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.optim.LayerwiseRates;
import dev.mtl.train.optim.LearningRateSchedule;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.optim.ParameterUpdate;
import dev.mtl.train.optim.Shards;
import dev.mtl.train.policy.CaGrad;
import dev.mtl.train.policy.DynamicWeightAverage;
import dev.mtl.train.policy.Famo;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.GradNorm;
import dev.mtl.train.policy.GradientBalance;
import dev.mtl.train.policy.LossBalance;
import dev.mtl.train.policy.NashMtl;
import dev.mtl.train.policy.StaticWeights;
import dev.mtl.train.policy.UncertaintyWeights;
import dev.mtl.train.settings.TrainingSettings.LossBalancing;
import dev.mtl.train.step.BackwardStrategy;
import dev.mtl.train.step.DataParallelism;
import dev.mtl.train.step.MixedPrecision;
import dev.mtl.train.step.SingleProcess;
import dev.mtl.train.step.SummedLoss;
import dev.mtl.train.step.TaskGradients;
import dev.mtl.train.step.TrainingEncoder;
import dev.mtl.train.step.TrainingStep;
import dev.mtl.train.step.several.SeveralProcesses;
import dev.mtl.train.step.several.ShardedUpdate;
import dev.mtl.train.workers.Workers;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Makes the parts of a trainer from its configuration. */
final class TrainerFactory {
    private final MultiTaskModel model;
    private final TrainingConfig config;
    private final SequencedMap<String, Double> lossWeights = new LinkedHashMap<>();
    private final HashMap<String, Double> headRates = new HashMap<>();

    TrainerFactory(MultiTaskModel model, Collection<TaskConfig> tasks, TrainingConfig config) {
        this.model = model;
        this.config = config;
        model.tasks().keySet().forEach(task -> lossWeights.put(task, 1.0));
        for (var task : tasks) {
            lossWeights.put(task.name(), task.lossWeight());
            var rate = task.headLr();
            if (rate != null) {
                headRates.put(task.name(), rate);
            }
        }
    }

    /** Optimizer steps of the whole training. */
    int steps(int stepsPerEpoch) {
        var max = config.maxSteps();
        if (max != null) {
            return max;
        }
        long steps = (long) config.epochs() * stepsPerEpoch;
        if (steps > Integer.MAX_VALUE) {
            throw new ConfigurationException(
                    "training.epochs is %d, with %d steps an epoch these are %d steps; training takes at most %d"
                            .formatted(config.epochs(), stepsPerEpoch, steps, Integer.MAX_VALUE));
        }
        return (int) steps;
    }

    Freezing freezing(int steps, int stepsPerEpoch) {
        int layers = model.backboneConfig().numHiddenLayers();
        return model.adapters() == null
                ? Freezing.of(config.freezing(), layers, steps, stepsPerEpoch)
                : Freezing.withAdapters(config.freezing(), layers);
    }

    LossBalance lossBalance() {
        return switch (config.lossBalance()) {
            case STATIC, PCGRAD -> new StaticWeights(lossWeights);
            case UNCERTAINTY -> new UncertaintyWeights(lossWeights, config.uncertaintyLr());
            case DWA -> new DynamicWeightAverage(lossWeights, config.dwaTemperature());
            case GRADNORM -> new GradNorm(lossWeights, config.gradnormAlpha(), config.balanceLr());
            case CAGRAD -> new CaGrad(lossWeights, config.cagradC());
            case FAMO -> new Famo(lossWeights, config.balanceLr(), config.famoWeightDecay());
            case NASH_MTL -> new NashMtl(lossWeights);
        };
    }

    private BackwardStrategy backwardStrategy(LossBalance balance) {
        if (balance instanceof GradientBalance ofGradients) {
            return TaskGradients.weighted(ofGradients);
        }
        return config.lossBalance() == LossBalancing.PCGRAD
                ? TaskGradients.projected()
                : new SummedLoss();
    }

    LearningRateSchedule schedule(int steps) {
        return new LearningRateSchedule(
                config.schedule(), config.warmupSteps(steps), steps, config.polynomialPower());
    }

    /** What each process updates; null if all update everything. */
    @Nullable Shards shards(Collective processes) {
        return processes.size() > 1 && config.shardOptimizer()
                ? new Shards(
                        model.parameters().tensors().stream().map(Tensor::numel).toList(),
                        processes.size(),
                        processes.rank())
                : null;
    }

    ParameterUpdate update(Collective processes, Optimizer optimizer, @Nullable Shards shards) {
        return shards == null
                ? optimizer
                : new ShardedUpdate(processes, model.parameters(), shards, optimizer);
    }

    Optimizer optimizer(@Nullable Shards shards) {
        var rates =
                new LayerwiseRates(
                        config.baseLr(),
                        config.layerLrDecay(),
                        config.weightDecay(),
                        model.backboneConfig().numHiddenLayers(),
                        headRates);
        return new Optimizer(
                model.parameters(),
                rates::groupOf,
                config.adamBeta1(),
                config.adamBeta2(),
                config.adamEps(),
                shards);
    }

    DataParallelism parallelism(Collective processes, Workers workers) {
        if (processes.size() > 1) {
            return new SeveralProcesses(processes, model, workers, summation());
        }
        return new SingleProcess(
                model, workers, config.deterministic(), SingleProcess.Draws.BY_MICRO_BATCH);
    }

    private SeveralProcesses.Summation summation() {
        if (config.deterministic()) {
            return SeveralProcesses.Summation.IN_ORDER;
        }
        return config.exchangePrecision() == Precision.BF16
                ? SeveralProcesses.Summation.IN_BF16
                : SeveralProcesses.Summation.IN_ANY_ORDER;
    }

    private TrainingEncoder.Recomputation recomputation() {
        var chunk = config.gradientCache();
        return new TrainingEncoder.Recomputation(
                config.gradientCheckpointing(), chunk == null ? 0 : chunk);
    }

    TrainingStep step(
            LossBalance balance,
            DataParallelism parallelism,
            ParameterUpdate optimizer,
            LearningRateSchedule schedule) {
        var precision = new MixedPrecision(model.device(), config.precision());
        return new TrainingStep(
                model,
                new TrainingEncoder(model, precision, recomputation()),
                balance,
                backwardStrategy(balance),
                parallelism,
                optimizer,
                new TrainingStep.Settings(
                        config.seed(), config.maxGradNorm(), config.rDrop(), schedule));
    }

    /** What the best model is selected by. */
    BestMetric bestMetric() {
        return new BestMetric(model, lossWeights, config.bestMetric());
    }
}
