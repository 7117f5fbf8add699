package dev.mtl.train.loop;

import dev.mtl.core.model.MultiTaskModel;

import java.util.Map;
import java.util.Objects;

/**
 * Remembers the best evaluation: by the mean of the tasks' main scores, weighted as their losses
 * are.
 */
final class BestModel {
    private final MultiTaskModel model;
    private final Map<String, Double> weights;
    private double best = Double.NEGATIVE_INFINITY;

    BestModel(MultiTaskModel model, Map<String, Double> weights) {
        this.model = model;
        this.weights = Map.copyOf(weights);
    }

    /** Whether an evaluation is better than all before it; equals are not. */
    boolean isBetter(Evaluation evaluation) {
        double score = score(evaluation);
        if (score > best) {
            best = score;
            return true;
        }
        return false;
    }

    private double score(Evaluation evaluation) {
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
