package dev.mtl.train.policy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.adapter.Adapters;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.train.config.training.FreezingConfig;
import dev.mtl.train.config.training.Interval;
import dev.mtl.train.loading.TrainingData;
import dev.mtl.train.optim.LayerwiseRates;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which parameters train at which step. Gradual unfreezing follows Howard, Ruder 2018 (arXiv
 * 1801.06146, section 3.3), with layers below that never train and layers above that always do.
 */
public final class Freezing {
    private final List<Stage> stages;
    private final int layers;

    /**
     * A range of steps with the same trained parameters.
     *
     * @param fromStep its first step, from 0
     * @param frozen the part of the encoder that does not train
     * @param readout whether layers after pooling train
     * @param heads whether heads train
     * @param frozenHeads the tasks whose heads do not train
     * @param adapted whether adapters train in place of the encoder
     */
    public record Stage(
            int fromStep,
            Frozen frozen,
            boolean readout,
            boolean heads,
            Set<String> frozenHeads,
            boolean adapted) {
        /** Without adapters. */
        public Stage(
                int fromStep,
                Frozen frozen,
                boolean readout,
                boolean heads,
                Set<String> frozenHeads) {
            this(fromStep, frozen, readout, heads, frozenHeads, false);
        }

        /** Everything trains, from the first step to the last. */
        public static final Stage EVERYTHING = new Stage(0, Frozen.NOTHING, true, true, Set.of());

        /** Whether a parameter trains, by its name in the model. */
        public boolean trains(String parameter) {
            if (parameter.startsWith("heads.")) {
                return heads && !frozenHeads.contains(LayerwiseRates.taskOf(parameter));
            }
            if (parameter.startsWith("readout.")) {
                return readout;
            }
            if (adapted) {
                return parameter.startsWith(Adapters.PREFIX);
            }
            int layer = LayerwiseRates.layerOf(parameter);
            return layer == 0 ? !frozen.embeddings() : layer > frozen.layers();
        }

        /** Whether a parameter trains that the loss of a task depends on. */
        public boolean reaches(String task, MultiTaskModel model) {
            return frozen.layers() < model.backboneConfig().numHiddenLayers()
                    || model.parameters().names().stream()
                            .anyMatch(
                                    name ->
                                            name.startsWith("heads.")
                                                    && LayerwiseRates.taskOf(name).equals(task)
                                                    && trains(name));
        }
    }

    private Freezing(List<Stage> stages, int layers) {
        this.stages = List.copyOf(stages);
        this.layers = layers;
    }

    /**
     * The stages of a policy.
     *
     * @param layers how many layers the encoder has
     * @param steps of the whole training
     * @throws ConfigurationException if ranges of layers do not fit the model
     */
    public static Freezing of(FreezingConfig config, int layers, int steps, int stepsPerEpoch) {
        boolean dropout = config.frozenDropout();
        return switch (config.policy()) {
            case NONE -> always(layers, Stage.EVERYTHING);
            case FULL ->
                    always(
                            layers,
                            new Stage(
                                    0, new Frozen(true, layers, dropout), false, false, Set.of()));
            case BACKBONE ->
                    always(
                            layers,
                            new Stage(0, new Frozen(true, layers, dropout), false, true, Set.of()));
            case HEADS ->
                    always(
                            layers,
                            new Stage(0, Frozen.NOTHING, true, true, Set.copyOf(config.heads())));
            case LAYERS -> gradual(config, layers, steps, stepsPerEpoch);
        };
    }

    /**
     * Adapters train in place of the encoder. Nothing below their lowest layer has gradients: the
     * embeddings run without a graph, with the dropout that they have when they train.
     *
     * @param layers how many layers the encoder has
     */
    public static Freezing withAdapters(FreezingConfig config, int layers) {
        return always(
                layers,
                new Stage(
                        0,
                        new Frozen(true, 0, true),
                        true,
                        true,
                        Set.copyOf(config.heads()),
                        true));
    }

    private static Freezing always(int layers, Stage stage) {
        return new Freezing(List.of(stage), layers);
    }

    private static Freezing gradual(
            FreezingConfig config, int layers, int steps, int stepsPerEpoch) {
        try {
            config.layers().requireFit(layers);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("training.freezing.layers: " + e.getMessage(), e);
        }
        var range = config.layers().gradualRange();
        var stages = new ArrayList<Stage>();
        for (int unfrozen = 0; unfrozen <= range.count(); unfrozen++) {
            stages.add(
                    new Stage(
                            start(config, unfrozen, range.count(), steps, stepsPerEpoch),
                            below(range.last() - unfrozen, config),
                            true,
                            true,
                            Set.of()));
        }
        return new Freezing(stages, layers);
    }

    /** The first step of the stage in which {@code unfrozen} gradual layers train. */
    private static int start(
            FreezingConfig config, int unfrozen, int count, int steps, int stepsPerEpoch) {
        if (config.unfreezeEvery().equals(FreezingConfig.EVENLY)) {
            return (int) ((long) steps * unfrozen / (count + 1));
        }
        int every = Interval.parse("unfreeze_every", config.unfreezeEvery()).steps(stepsPerEpoch);
        return (int) Math.min(Integer.MAX_VALUE, (long) unfrozen * every);
    }

    /** If no layer is frozen for good, the embeddings train together with layer 1. */
    private static Frozen below(int layers, FreezingConfig config) {
        return layers == 0 && config.layers().frozenRange().count() == 0
                ? Frozen.NOTHING
                : new Frozen(true, layers, config.frozenDropout());
    }

    /** All stages, the first from step 0 on. */
    public List<Stage> stages() {
        return stages;
    }

    /** Whether the encoder computes the same features from the first step to the last. */
    public boolean backboneNeverTrains() {
        return stages.stream()
                .allMatch(stage -> stage.frozen().layers() == layers && !stage.frozen().dropout());
    }

    /** Whether no parameter of a task's head is ever trained. */
    public boolean neverTrains(Task task) {
        return task.specs().stream()
                .noneMatch(spec -> stages.stream().anyMatch(stage -> stage.trains(spec.name())));
    }

    /**
     * Checks that each data set trains at least one parameter from the first step on.
     *
     * @throws ConfigurationException if the encoder is frozen and the heads have no parameters
     */
    public void requireSomethingToTrain(
            MultiTaskModel model, List<? extends TrainingData> datasets) {
        if (stages.getFirst().frozen().layers() < layers) {
            return;
        }
        for (var dataset : datasets) {
            boolean learns =
                    dataset.tasks().stream()
                            .anyMatch(task -> !model.task(task).head().parameters().isEmpty());
            if (!learns) {
                throw new ConfigurationException(
                        "training.freezing: the backbone is frozen, and the heads of "
                                + String.join(", ", dataset.tasks())
                                + " have no parameters that could train");
            }
        }
    }

    /**
     * The stage of a step.
     *
     * @param step from 0
     */
    public Stage at(int step) {
        var current = stages.getFirst();
        for (var stage : stages) {
            current = stage.fromStep() <= step ? stage : current;
        }
        return current;
    }
}
