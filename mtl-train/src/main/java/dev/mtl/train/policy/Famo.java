package dev.mtl.train.policy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Fast adaptive multitask optimization: all losses fall at the same relative rate (Liu et al. 2023,
 * arXiv 2306.03792, algorithm 1). Task i's gradient has the weight {@code c z_i / L_i}, where z is
 * the softmax of numbers w, L_i its loss and {@code c = 1 / sum(z_i / L_i)}. After the step the
 * same examples are read again: w learns, by Adam with weight decay, to give more to tasks whose
 * logarithm of the loss has fallen less.
 */
public final class Famo extends LearnedBalance {
    private static final double EPS = 1e-8;

    private Map<String, Double> before = Map.of();

    /**
     * Begins with equal weights.
     *
     * @param factors {@code loss_weight} of each task, by which its loss is multiplied
     * @param learningRate of w; 0.025 in the paper
     * @param weightDecay of w; 0.001 in the paper
     */
    public Famo(SequencedMap<String, Double> factors, double learningRate, double weightDecay) {
        super(factors, learningRate, weightDecay);
    }

    @Override
    public GradientWeights gradientWeights(
            List<String> tasks, double[][] products, Map<String, Double> losses) {
        var probabilities = softmax().probabilities();
        var weights = new double[tasks.size()];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            // a task without a labelled item has no gradient to weight
            var loss = losses.get(tasks.get(i));
            if (loss != null) {
                double factor = factor(tasks.get(i));
                weights[i] = value(probabilities, tasks.get(i)) / (factor * loss + EPS);
                sum += weights[i];
            }
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
        return new GradientWeights(weights, weights);
    }

    @Override
    public void afterStep(Map<String, Double> losses) {
        before = new LinkedHashMap<>(losses);
    }

    @Override
    public boolean readsLossesAgain() {
        return true;
    }

    @Override
    public void afterUpdate(Map<String, Double> losses) {
        var gradient = new LinkedHashMap<String, Double>();
        before.forEach(
                (task, loss) -> {
                    var after = losses.get(task);
                    if (after != null) {
                        double factor = factor(task);
                        gradient.put(
                                task,
                                Math.log(factor * loss + EPS) - Math.log(factor * after + EPS));
                    }
                });
        if (gradient.values().stream().allMatch(Double::isFinite)) {
            softmax().step(gradient);
        }
        before = Map.of();
    }
}
