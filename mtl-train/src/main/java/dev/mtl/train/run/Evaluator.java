package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Metric;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Predictor;
import dev.mtl.core.nn.Workers;
import dev.mtl.train.data.ArityCheck;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Scores a model on labelled data. */
public final class Evaluator {
    private final MultiTaskModel model;
    private final Predictor predictor;

    public Evaluator(MultiTaskModel model, Workers workers) {
        this.model = model;
        this.predictor = new Predictor(model, workers);
    }

    /**
     * Predicts every example of some groups and counts what is right.
     *
     * @throws ConfigurationException if a head takes another number of texts, or cannot be scored
     *     by a target
     */
    public Evaluation evaluate(List<Dataset> groups) {
        ArityCheck.require(model, groups);
        var metrics = new LinkedHashMap<String, Metric>();
        for (var group : groups) {
            group.tasks().forEach(task -> metrics.put(task, model.task(task).head().newMetric()));
        }
        int rows = 0;
        int sharedRows = 0;
        int right = 0;
        for (var group : groups) {
            var predictions =
                    predictor.predict(
                            group.examples().stream().map(Example::texts).toList(), group.tasks());
            for (int i = 0; i < predictions.size(); i++) {
                boolean all = true;
                for (var task : group.tasks()) {
                    var prediction = java.util.Objects.requireNonNull(predictions.get(i).get(task));
                    var target =
                            java.util.Objects.requireNonNull(
                                    group.examples().get(i).targets().get(task));
                    var metric = java.util.Objects.requireNonNull(metrics.get(task));
                    try {
                        all &= metric.add(prediction, target);
                    } catch (IllegalArgumentException e) {
                        throw new ConfigurationException(
                                "tasks.%s: %s: %s"
                                        .formatted(
                                                task,
                                                group.examples().get(i).place(),
                                                e.getMessage()),
                                e);
                    }
                }
                rows++;
                if (group.tasks().size() > 1) {
                    sharedRows++;
                    right += all ? 1 : 0;
                }
            }
        }
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        var details = new LinkedHashMap<String, Evaluation.Details>();
        metrics.forEach(
                (task, metric) -> {
                    scores.put(task, metric.scores());
                    details.put(
                            task,
                            new Evaluation.Details(metric.scoresByLabel(), metric.confusion()));
                });
        return new Evaluation(
                scores,
                sharedRows == 0
                        ? OptionalDouble.empty()
                        : OptionalDouble.of((double) right / sharedRows),
                rows,
                details);
    }
}
