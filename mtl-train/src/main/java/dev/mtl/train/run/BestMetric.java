package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.internal.NearestName;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.config.NamedScores;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.progress.Evaluation;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;

/** The score of an evaluation that the best model is selected by. */
final class BestMetric {
    private final MultiTaskModel model;
    private final Map<String, Double> weights;
    private final String name;
    private final NamedScores named;

    /**
     * Names the score.
     *
     * @param weights of the tasks in the mean
     * @param name {@link TrainingConfig#bestMetric}
     */
    BestMetric(MultiTaskModel model, Map<String, Double> weights, String name) {
        this.model = model;
        this.weights = Map.copyOf(weights);
        this.name = name;
        this.named = NamedScores.of(name);
    }

    /**
     * Checks that evaluations have this score.
     *
     * @param more names of scores that a task has besides those of its head
     * @throws ConfigurationException if they do not; lists those that they have
     */
    void requireKnown(List<TokenizedDataset> validation, Function<String, List<String>> more) {
        if (name.equals(TrainingConfig.MEAN)) {
            return;
        }
        var known = new TreeSet<String>();
        boolean shared = false;
        for (var dataset : validation) {
            shared |= dataset.tasks().size() > 1;
            for (var task : dataset.tasks()) {
                var head = model.task(task).head();
                known.add(task + "." + head.primaryMetric());
                head.newMetric().scores().keySet().forEach(score -> known.add(task + "." + score));
                more.apply(task).forEach(score -> known.add(task + "." + score));
            }
        }
        if (name.equals(TrainingConfig.JOINT_ACCURACY)) {
            if (!shared) {
                throw new ConfigurationException(
                        "training.best_metric: there is no joint_accuracy, since no tasks share"
                                + " validation texts; it takes mean or one of "
                                + String.join(", ", known));
            }
            return;
        }
        for (var score : named.scores()) {
            if (!known.contains(score.toString())) {
                throw new ConfigurationException(
                        "training.best_metric: the validation data gives no metric '"
                                + score
                                + "'; known: mean, "
                                + (shared ? "joint_accuracy, " : "")
                                + String.join(", ", known)
                                + NearestName.hint(score.toString(), known));
            }
            if (named.scores().size() > 1 && isError(score)) {
                throw new ConfigurationException(
                        "training.best_metric: '"
                                + score
                                + "' is an error, of which the smallest is the best; a mean takes"
                                + " scores of which the largest is");
            }
        }
    }

    /** What the configuration calls it. */
    String name() {
        return name;
    }

    /** Whether the score is an error. */
    boolean lowerIsBetter() {
        return !ofAllTasks() && isError(named.scores().getFirst());
    }

    /** Whether the name is that of a score which all tasks have together. */
    private boolean ofAllTasks() {
        return name.equals(TrainingConfig.MEAN) || name.equals(TrainingConfig.JOINT_ACCURACY);
    }

    private boolean isError(NamedScores.Score score) {
        return model.task(score.task()).head().newMetric().lowerIsBetter().contains(score.name());
    }

    /** The score of an evaluation, NaN if it is infinite or missing. */
    double of(Evaluation evaluation) {
        double score = raw(evaluation);
        return Double.isFinite(score) ? score : Double.NaN;
    }

    /**
     * Whether a score is better than the best so far. The first one is, even NaN; after that any
     * number is better than NaN.
     *
     * @param score from {@link #of}
     * @param best negative infinity before there is one
     */
    boolean isBetter(double score, double best) {
        if (best == Double.NEGATIVE_INFINITY) {
            return true;
        }
        if (Double.isNaN(score) || Double.isNaN(best)) {
            return !Double.isNaN(score);
        }
        return lowerIsBetter() ? score < best : score > best;
    }

    private double raw(Evaluation evaluation) {
        if (name.equals(TrainingConfig.MEAN)) {
            return mean(evaluation);
        }
        if (name.equals(TrainingConfig.JOINT_ACCURACY)) {
            return evaluation.jointAccuracy().orElse(Double.NaN);
        }
        return named.scores().stream()
                .mapToDouble(
                        score ->
                                evaluation
                                        .tasks()
                                        .getOrDefault(score.task(), Map.of())
                                        .getOrDefault(score.name(), Double.NaN))
                .average()
                .orElse(Double.NaN);
    }

    private double mean(Evaluation evaluation) {
        double sum = 0;
        double total = 0;
        for (var task : evaluation.tasks().entrySet()) {
            double weight = weights.getOrDefault(task.getKey(), 1.0);
            var main = model.task(task.getKey()).head().primaryMetric();
            sum += weight * Objects.requireNonNull(task.getValue().get(main), main);
            total += weight;
        }
        return total == 0 ? 0 : sum / total;
    }
}
