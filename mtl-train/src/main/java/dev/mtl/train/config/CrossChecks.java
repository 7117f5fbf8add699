package dev.mtl.train.config;

import dev.mtl.core.internal.NearestName;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.config.yaml.Problems;
import dev.mtl.train.config.yaml.YamlNode;

import java.util.ArrayList;
import java.util.Set;

/**
 * Checks between the sections of a configuration.
 *
 * @param root the YAML, for the lines of messages
 */
record CrossChecks(RunConfig config, YamlNode.Mapping root, Problems problems) {
    /** Frozen heads must be heads of tasks. */
    void checkFrozenHeads() {
        // The tasks of the file: those with mistakes count too.
        Set<String> tasks =
                root.entries().get("tasks") instanceof YamlNode.Mapping mapping
                        ? mapping.entries().keySet()
                        : Set.of();
        var unknown = new ArrayList<>(config.training().freezing().heads());
        unknown.removeAll(tasks);
        for (var name : unknown) {
            problems.add(
                    place(root, "training", "freezing", "heads"),
                    "training.freezing.heads",
                    "no task '"
                            + name
                            + "'; known: "
                            + String.join(", ", tasks)
                            + NearestName.hint(name, tasks));
        }
    }

    /** The metric that selects the best model must be one of a task, or of all tasks. */
    void checkBestMetric() {
        var metric = config.training().bestMetric();
        if (metric.equals(TrainingConfig.MEAN) || metric.equals(TrainingConfig.JOINT_ACCURACY)) {
            return;
        }
        if (!NamedScores.of(metric).scores().stream()
                .allMatch(
                        score ->
                                !score.name().isEmpty()
                                        && config.tasks().containsKey(score.task()))) {
            problems.add(
                    place(root, "training", "best_metric"),
                    "training.best_metric",
                    "no metric '"
                            + metric
                            + "'; it takes mean, joint_accuracy, TASK.SCORE, such as slots.f1, or"
                            + " mean(TASK.SCORE, ...); tasks: "
                            + String.join(", ", config.tasks().keySet()));
        }
    }

    /** Some task must learn. */
    void checkTrainingData() {
        // Tasks with mistakes are missing here, and may have training data.
        boolean whole = problems.isEmpty();
        var tasks = config.tasks().values();
        if (whole && tasks.stream().allMatch(task -> task.data().train() == null)) {
            problems.add(place(root, "tasks"), "tasks", "none of them has data.train");
        }
    }

    /** The place of a key, or of the nearest parent that exists. */
    private static String place(YamlNode from, String... keys) {
        var at = from;
        for (var key : keys) {
            var next = at instanceof YamlNode.Mapping mapping ? mapping.entries().get(key) : null;
            if (next == null) {
                break;
            }
            at = next;
        }
        return at.place();
    }
}
