package dev.mtl.train.policy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.config.TrainingConfig.LossBalancing;
import dev.mtl.train.data.TokenizedDataset;

import java.util.ArrayList;
import java.util.List;

/** Finds settings that would do nothing, which a user should hear of. */
public final class IneffectiveSettings {
    private IneffectiveSettings() {}

    /**
     * Refuses what cannot do anything on such data.
     *
     * @throws ConfigurationException with key, reason and remedy
     */
    public static void refuse(
            TrainingConfig config, List<TokenizedDataset> training, List<TokenizedDataset> validation) {
        if (config.lossBalance() == LossBalancing.PCGRAD
                && training.stream().allMatch(dataset -> dataset.tasks().size() < 2)) {
            throw new ConfigurationException(
                    "training.loss_balance: pcgrad projects the gradients of tasks that share"
                            + " their texts, and here none do; use static, uncertainty or dwa");
        }
        if (!validation.isEmpty()) {
            return;
        }
        if (config.earlyStoppingPatience() != null) {
            throw new ConfigurationException(
                    "training.early_stopping_patience: no task has validation data, by which to"
                            + " see that no better model comes; give one data.validation, or leave"
                            + " the key out");
        }
        if (!config.bestMetric().equals(TrainingConfig.MEAN)) {
            throw new ConfigurationException(
                    "training.best_metric: no task has validation data, so that the last model is"
                            + " kept, not the best; give one data.validation, or leave the key"
                            + " out");
        }
    }

    /** Says what comes too late to do anything, a line for each. */
    public static List<String> notes(TrainingConfig config, Freezing freezing, int steps) {
        var notes = new ArrayList<String>();
        var warmup = config.warmupSteps();
        if (warmup != null && warmup > steps) {
            notes.add(
                    "training.warmup_steps is %d, training ends after %d steps: the learning rates never reach their full height"
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
