package dev.mtl.train.loop;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.config.TrainingConfig;

import java.util.Map;
import java.util.Objects;

/** Which evaluation was the best, by one metric, and how many have come since. */
final class BestModel {
    private final MultiTaskModel model;
    private final Map<String, Double> weights;
    private final String metric;
    private double best = Double.NEGATIVE_INFINITY;
    private int since;

    /**
     * Begins without any.
     *
     * @param weights of the tasks in a mean
     * @param metric {@link TrainingConfig#bestMetric}
     */
    BestModel(MultiTaskModel model, Map<String, Double> weights, String metric) {
        this.model = model;
        this.weights = Map.copyOf(weights);
        this.metric = metric;
    }

    /** Takes note of an evaluation; says whether it is better than all before it. */
    boolean isBetter(Evaluation evaluation) {
        double score = score(evaluation);
        boolean better = score > best;
        best = better ? score : best;
        since = better ? 0 : since + 1;
        return better;
    }

    /** The best score, negative infinity before there is one. */
    double best() {
        return best;
    }

    /** Evaluations since the best one. */
    int since() {
        return since;
    }

    /** Goes on from figures that were read before. */
    void restore(double score, int evaluations) {
        best = score;
        since = evaluations;
    }

    private double score(Evaluation evaluation) {
        if (metric.equals(TrainingConfig.MEAN)) {
            return mean(evaluation);
        }
        if (metric.equals(TrainingConfig.JOINT_ACCURACY)) {
            return evaluation
                    .jointAccuracy()
                    .orElseThrow(
                            () ->
                                    new ConfigurationException(
                                            "training.best_metric: there is no joint_accuracy:"
                                                    + " no tasks share validation texts"));
        }
        int dot = metric.indexOf('.');
        var task = metric.substring(0, dot);
        var scores = evaluation.tasks().get(task);
        var score = scores == null ? null : scores.get(metric.substring(dot + 1));
        if (score == null) {
            throw new ConfigurationException(
                    "training.best_metric: no metric '"
                            + metric
                            + "'; "
                            + (scores == null
                                    ? "the task '" + task + "' has no validation data"
                                    : "the task '" + task + "' has " + scores.keySet()));
        }
        return score;
    }

    private double mean(Evaluation evaluation) {
        double sum = 0;
        double total = 0;
        for (var task : evaluation.tasks().entrySet()) {
            double weight = weights.getOrDefault(task.getKey(), 1.0);
            var main = model.task(task.getKey()).head().mainScore();
            sum += weight * Objects.requireNonNull(task.getValue().get(main), main);
            total += weight;
        }
        return total == 0 ? 0 : sum / total;
    }
}
