package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.internal.NearestName;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.data.Dataset;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** The one figure of an evaluation that the best model is chosen by. */
final class BestMetric {
    private final MultiTaskModel model;
    private final Map<String, Double> weights;
    private final String name;

    /**
     * Names the figure.
     *
     * @param weights of the tasks in a mean
     * @param name {@link TrainingConfig#bestMetric}
     */
    BestMetric(MultiTaskModel model, Map<String, Double> weights, String name) {
        this.model = model;
        this.weights = Map.copyOf(weights);
        this.name = name;
    }

    /** As {@code training.best_metric} has it. */
    String name() {
        return name;
    }

    /**
     * Checks that evaluations have this figure.
     *
     * @throws ConfigurationException if they do not; says what they have
     */
    void requireKnown(List<Dataset> validation) {
        if (name.equals(TrainingConfig.MEAN)) {
            return;
        }
        var known = new TreeSet<String>();
        boolean shared = false;
        for (var group : validation) {
            shared |= group.tasks().size() > 1;
            for (var task : group.tasks()) {
                var head = model.task(task).head();
                known.add(task + "." + head.primaryMetric());
                head.newMetric().scores().keySet().forEach(score -> known.add(task + "." + score));
            }
        }
        if (name.equals(TrainingConfig.JOINT_ACCURACY)) {
            if (!shared) {
                throw new ConfigurationException(
                        "training.best_metric: there is no joint_accuracy, since no tasks share"
                                + " validation texts; it takes mean or one of "
                                + String.join(", ", known));
            }
        } else if (!known.contains(name)) {
            throw new ConfigurationException(
                    "training.best_metric: the validation data gives no metric '"
                            + name
                            + "'; known: mean, "
                            + (shared ? "joint_accuracy, " : "")
                            + String.join(", ", known)
                            + NearestName.hint(name, known));
        }
    }

    /** Whether it is an error, of which less is better. */
    boolean lowerIsBetter() {
        int dot = name.indexOf('.');
        return dot > 0
                && model.task(name.substring(0, dot))
                        .head()
                        .newMetric()
                        .lowerIsBetter()
                        .contains(name.substring(dot + 1));
    }

    /** The figure of an evaluation, NaN if it is no number there. */
    double of(Evaluation evaluation) {
        if (name.equals(TrainingConfig.MEAN)) {
            return mean(evaluation);
        }
        if (name.equals(TrainingConfig.JOINT_ACCURACY)) {
            return evaluation.jointAccuracy().orElse(Double.NaN);
        }
        int dot = name.indexOf('.');
        return evaluation
                .tasks()
                .getOrDefault(name.substring(0, dot), Map.of())
                .getOrDefault(name.substring(dot + 1), Double.NaN);
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
