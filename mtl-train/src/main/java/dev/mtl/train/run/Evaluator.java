package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Predictor;
import dev.mtl.train.data.Example;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TokenizedExample;
import dev.mtl.train.progress.Evaluation;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/** Scores a model on labelled data. */
public final class Evaluator {
    private final MultiTaskModel model;
    private final int threads;

    /**
     * @param threads that predict
     */
    public Evaluator(MultiTaskModel model, int threads) {
        this.model = model;
        this.threads = threads;
    }

    /**
     * Predicts every example and compares the predictions with its targets.
     *
     * @param datasets encoded for this model
     * @throws ConfigurationException if a head cannot be scored by a target
     */
    public Evaluation evaluate(List<TokenizedDataset> datasets) {
        var metrics = new LinkedHashMap<String, Metric>();
        for (var dataset : datasets) {
            dataset.tasks().forEach(task -> metrics.put(task, model.task(task).head().newMetric()));
        }
        int rows = 0;
        int sharedRows = 0;
        int sharedRight = 0;
        var options = Predictor.Options.of(model).withThreads(threads);
        try (var predictor = new Predictor(model, options)) {
            for (var dataset : datasets) {
                int right = score(predictor, dataset, metrics);
                rows += dataset.examples().size();
                if (dataset.tasks().size() > 1) {
                    sharedRows += dataset.examples().size();
                    sharedRight += right;
                }
            }
        }
        return evaluation(
                metrics,
                rows,
                sharedRows == 0
                        ? OptionalDouble.empty()
                        : OptionalDouble.of((double) sharedRight / sharedRows));
    }

    /** Adds the examples of a dataset; returns the number of those with every task right. */
    private static int score(
            Predictor predictor, TokenizedDataset dataset, Map<String, Metric> metrics) {
        var predictions =
                predictor.predictTokenized(
                        dataset.examples().stream().map(TokenizedExample::texts).toList(),
                        dataset.tasks());
        int right = 0;
        for (int i = 0; i < predictions.size(); i++) {
            var example = dataset.examples().get(i).example();
            boolean all = true;
            for (var task : dataset.tasks()) {
                var metric = Objects.requireNonNull(metrics.get(task));
                all &= isRight(task, metric, predictions.get(i).get(task), example);
            }
            right += all ? 1 : 0;
        }
        return right;
    }

    private static boolean isRight(
            String task, Metric metric, @Nullable Prediction prediction, Example example) {
        try {
            return metric.add(
                    Objects.requireNonNull(prediction),
                    Objects.requireNonNull(example.targets().get(task)));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "tasks.%s: %s: %s".formatted(task, example.place(), e.getMessage()), e);
        }
    }

    private static Evaluation evaluation(
            Map<String, Metric> metrics, int rows, OptionalDouble jointAccuracy) {
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        var details = new LinkedHashMap<String, Evaluation.Details>();
        metrics.forEach(
                (task, metric) -> {
                    scores.put(task, metric.scores());
                    details.put(
                            task,
                            new Evaluation.Details(metric.scoresByLabel(), metric.confusion()));
                });
        return new Evaluation(scores, jointAccuracy, rows, details);
    }
}
