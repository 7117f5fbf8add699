package dev.mtl.train.policy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.loading.TrainingData;
import dev.mtl.train.settings.Sampling;
import dev.mtl.train.settings.TrainingSettings.LossBalancing;

import java.util.ArrayList;
import java.util.List;

/** Finds settings that have no effect. */
public final class IneffectiveSettings {
    private IneffectiveSettings() {}

    /**
     * Refuses settings that have no effect on this data.
     *
     * @throws ConfigurationException that names key, reason and remedy
     */
    public static void refuse(
            TrainingConfig config,
            List<? extends TrainingData> training,
            List<? extends TrainingData> validation) {
        if (config.lossBalance().readsGradients() && !hasStepsOfSeveralTasks(config, training)) {
            var remedy = training.size() < 2 ? "" : "training.sampling: all, or ";
            throw new ConfigurationException(
                    "training.loss_balance: %s %s the gradients of the tasks of a step, and each step has examples of one task; use %sstatic, uncertainty or dwa"
                            .formatted(
                                    TrainingConfig.name(config.lossBalance()),
                                    config.lossBalance() == LossBalancing.PCGRAD
                                            ? "projects"
                                            : "weights",
                                    remedy));
        }
        if (!validation.isEmpty()) {
            return;
        }
        if (config.earlyStoppingPatience() != null) {
            throw new ConfigurationException(
                    "training.early_stopping_patience: no task has validation data to score"
                            + " models on; give one data.validation, or remove the key");
        }
        if (!config.bestMetric().equals(TrainingConfig.MEAN)) {
            throw new ConfigurationException(
                    "training.best_metric: no task has validation data, so the last model is kept,"
                            + " not the best; give one data.validation, or remove the key");
        }
    }

    private static boolean hasStepsOfSeveralTasks(
            TrainingConfig config, List<? extends TrainingData> training) {
        return (config.sampling() == Sampling.ALL && training.size() > 1)
                || training.stream().anyMatch(dataset -> dataset.tasks().size() > 1);
    }

    /**
     * Refuses R-Drop if no head can be compared with itself.
     *
     * @throws ConfigurationException that names the key
     */
    public static void requireDivergence(
            TrainingConfig config, MultiTaskModel model, List<? extends TrainingData> training) {
        if (config.rDrop() > 0
                && training.stream()
                        .flatMap(dataset -> dataset.tasks().stream())
                        .noneMatch(task -> hasDivergence(model, task))) {
            throw new ConfigurationException(
                    "training.r_drop: compares the probabilities of two passes, and no head that"
                            + " trains gives any; remove the key");
        }
    }

    private static boolean hasDivergence(MultiTaskModel model, String task) {
        return model.task(task).head().hasDivergence();
    }

    /** One line for each setting that has no effect, or would have it after the last step. */
    public static List<String> notes(
            TrainingConfig config,
            MultiTaskModel model,
            Freezing freezing,
            int steps,
            int stepsPerEpoch) {
        var notes = new ArrayList<String>();
        var left =
                model.tasks().keySet().stream()
                        .filter(task -> config.rDrop() > 0 && !hasDivergence(model, task))
                        .toList();
        if (!left.isEmpty()) {
            notes.add(
                    "training.r_drop: nothing is added to the loss of %s, whose heads give no probabilities"
                            .formatted(String.join(", ", left)));
        }
        if (config.averageCheckpoints() != null && steps <= config.checkpointSteps(stepsPerEpoch)) {
            notes.add(
                    "training.average_checkpoints: there is one checkpoint only, the last one;"
                            + " write more by checkpoint_every");
        }
        var warmup = config.warmupSteps();
        if (warmup != null && warmup > steps) {
            notes.add(
                    "training.warmup_steps is %d, training ends after %d steps: the learning rates never reach their peaks"
                            .formatted(warmup, steps));
        }
        var never =
                freezing.stages().stream()
                        .filter(stage -> stage.fromStep() >= steps)
                        .map(stage -> stage.frozen().layers() + 1)
                        .sorted()
                        .toList();
        if (!never.isEmpty()) {
            notes.add(
                    "training.freezing.unfreeze_every: training ends after %d steps, before %s would join"
                            .formatted(steps, layers(never.getFirst(), never.getLast())));
        }
        return notes;
    }

    private static String layers(int first, int last) {
        return first == last ? "layer " + first : "layers " + first + " to " + last;
    }
}
