package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.optim.LayerwiseRates;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.policy.DynamicWeightAverage;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.LossBalance;
import dev.mtl.train.policy.StaticWeights;
import dev.mtl.train.policy.UncertaintyWeights;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Makes what the trainer calls by name out of the configuration. */
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
        return Freezing.of(
                config.freezing(), model.backboneConfig().numHiddenLayers(), steps, stepsPerEpoch);
    }

    LossBalance lossBalance() {
        return switch (config.lossBalance()) {
            case STATIC, PCGRAD -> new StaticWeights(lossWeights);
            case UNCERTAINTY -> new UncertaintyWeights(lossWeights, config.uncertaintyLr());
            case DWA -> new DynamicWeightAverage(lossWeights, config.dwaTemperature());
        };
    }

    Optimizer optimizer() {
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
                config.adamEps());
    }

    /** What the best model is chosen by. */
    BestMetric bestMetric() {
        return new BestMetric(model, lossWeights, config.bestMetric());
    }
}
