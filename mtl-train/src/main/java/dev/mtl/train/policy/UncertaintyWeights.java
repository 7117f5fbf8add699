package dev.mtl.train.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Homoscedastic uncertainty: task i has the weight {@code exp(-s_i)}, and {@code s_i / 2} is added
 * to the objective, where {@code s_i = log sigma_i^2} starts at 0 and is learned by Adam (Kendall,
 * Gal, Cipolla 2018, arXiv 1705.07115, equations 9 and 10). The gradient of s_i has a closed form,
 * {@code 1/2 - w_i exp(-s_i) L_i}.
 */
public final class UncertaintyWeights implements LossBalance {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-8;

    private final SequencedMap<String, Double> factors;
    private final double learningRate;
    private final SequencedMap<String, Variance> variances = new LinkedHashMap<>();

    /** s_i of a task, with Adam's moments. */
    private static final class Variance {
        private double log;
        private double first;
        private double second;
        private double steps;
    }

    /**
     * Begins with equal variances.
     *
     * @param factors {@code loss_weight} of each task: w_i
     * @param learningRate of s_i
     */
    public UncertaintyWeights(SequencedMap<String, Double> factors, double learningRate) {
        this.factors = new LinkedHashMap<>(factors);
        this.learningRate = learningRate;
        factors.keySet().forEach(task -> variances.put(task, new Variance()));
    }

    @Override
    public SequencedMap<String, Double> weights() {
        var weights = new LinkedHashMap<String, Double>();
        variances.forEach(
                (task, variance) -> weights.put(task, factor(task) * Math.exp(-variance.log)));
        return weights;
    }

    private double factor(String task) {
        return Objects.requireNonNull(factors.get(task), task);
    }

    @Override
    public double regularizer() {
        return variances.values().stream().mapToDouble(variance -> variance.log / 2).sum();
    }

    @Override
    public void afterStep(Map<String, Double> losses) {
        losses.forEach(
                (task, loss) -> {
                    var variance = Objects.requireNonNull(variances.get(task), task);
                    double gradient = 0.5 - factor(task) * Math.exp(-variance.log) * loss;
                    variance.steps++;
                    variance.first = BETA1 * variance.first + (1 - BETA1) * gradient;
                    variance.second = BETA2 * variance.second + (1 - BETA2) * gradient * gradient;
                    double first = variance.first / (1 - Math.pow(BETA1, variance.steps));
                    double second = variance.second / (1 - Math.pow(BETA2, variance.steps));
                    variance.log -= learningRate * first / (Math.sqrt(second) + EPS);
                });
    }

    @Override
    public SequencedMap<String, Double> state() {
        var state = new LinkedHashMap<String, Double>();
        variances.forEach(
                (task, variance) -> {
                    state.put(task + ".log_variance", variance.log);
                    state.put(task + ".first_moment", variance.first);
                    state.put(task + ".second_moment", variance.second);
                    state.put(task + ".steps", variance.steps);
                });
        return state;
    }

    @Override
    public void restore(Map<String, Double> state) {
        variances.forEach(
                (task, variance) -> {
                    variance.log = Objects.requireNonNull(state.get(task + ".log_variance"));
                    variance.first = Objects.requireNonNull(state.get(task + ".first_moment"));
                    variance.second = Objects.requireNonNull(state.get(task + ".second_moment"));
                    variance.steps = Objects.requireNonNull(state.get(task + ".steps"));
                });
    }
}
