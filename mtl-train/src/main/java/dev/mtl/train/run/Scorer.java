package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.data.Example;
import dev.mtl.train.progress.Evaluation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/** Compares predictions with what the data says, example by example. */
final class Scorer {
    private final SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    private int rows;
    private int sharedRows;
    private int sharedRight;

    /**
     * Counts nothing yet.
     *
     * @param tasks to be scored, in the order of the scores
     */
    Scorer(MultiTaskModel model, List<String> tasks) {
        tasks.forEach(task -> metrics.put(task, model.task(task).head().newMetric()));
    }

    /**
     * Counts an example. Tasks that it has no target for are left out, and with them the example is
     * not one of those of the joint accuracy.
     *
     * @param tasks of its dataset
     * @return for each task of the dataset that the example has a target for, whether it is right
     * @throws ConfigurationException if a head cannot be scored by its target
     */
    SequencedMap<String, Boolean> add(
            Example example, List<String> tasks, Map<String, Prediction> predictions) {
        var right = new LinkedHashMap<String, Boolean>();
        for (var task : tasks) {
            var target = example.targets().get(task);
            if (target == null) {
                continue;
            }
            try {
                right.put(
                        task,
                        Objects.requireNonNull(metrics.get(task))
                                .add(Objects.requireNonNull(predictions.get(task)), target));
            } catch (IllegalArgumentException e) {
                throw new ConfigurationException(
                        "tasks.%s: %s: %s".formatted(task, example.place(), e.getMessage()), e);
            }
        }
        rows++;
        if (tasks.size() > 1 && right.size() == tasks.size()) {
            sharedRows++;
            sharedRight += right.containsValue(false) ? 0 : 1;
        }
        return right;
    }

    /** The scores of the examples so far. */
    Evaluation evaluation() {
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        var details = new LinkedHashMap<String, Evaluation.Details>();
        metrics.forEach(
                (task, metric) -> {
                    scores.put(task, metric.scores());
                    details.put(
                            task,
                            new Evaluation.Details(
                                    metric.scoresByLabel(), metric.confusion(), List.of()));
                });
        return new Evaluation(
                scores,
                sharedRows == 0
                        ? OptionalDouble.empty()
                        : OptionalDouble.of((double) sharedRight / sharedRows),
                rows,
                details);
    }
}
