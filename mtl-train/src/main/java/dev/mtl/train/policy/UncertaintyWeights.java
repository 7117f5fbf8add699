package dev.mtl.train.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Weights that are learned: task i counts {@code exp(-s_i)}, and {@code s_i / 2} is added to the
 * loss, where {@code s_i = log sigma_i^2} begins at 0 (Kendall, Gal, Cipolla 2018, arXiv
 * 1705.07115, equations 9 and 10). The gradient of s_i is {@code 1/2 - w_i exp(-s_i) L_i}, which
 * needs no graph; Adam moves s_i.
 */
public final class UncertaintyWeights implements LossBalance {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-8;

    private final SequencedMap<String, Double> factors;
    private final double learningRate;
    private final SequencedMap<String, Variance> variances = new LinkedHashMap<>();

    /** A task's s with Adam's moments. */
    private static final class Variance {
        private double log;
        private double first;
        private double second;
        private double steps;
    }

    /**
     * Begins with equal variances.
     *
     * @param factors what each task's loss is multiplied by before, {@code loss_weight}
     * @param learningRate of the s
     */
    public UncertaintyWeights(SequencedMap<String, Double> factors, double learningRate) {
        this.factors = new LinkedHashMap<>(factors);
        this.learningRate = learningRate;
        factors.keySet().forEach(task -> variances.put(task, new Variance()));
    }

    @Override
    public SequencedMap<String, Double> weights() {
        var weights = new LinkedHashMap<String, Double>();
        variances.forEach((task, own) -> weights.put(task, factor(task) * Math.exp(-own.log)));
        return weights;
    }

    private double factor(String task) {
        return Objects.requireNonNull(factors.get(task), task);
    }

    @Override
    public double regularizer() {
        return variances.values().stream().mapToDouble(own -> own.log / 2).sum();
    }

    @Override
    public void afterStep(Map<String, Double> losses) {
        losses.forEach(
                (task, loss) -> {
                    var own = Objects.requireNonNull(variances.get(task), task);
                    double gradient = 0.5 - factor(task) * Math.exp(-own.log) * loss;
                    own.steps++;
                    own.first = BETA1 * own.first + (1 - BETA1) * gradient;
                    own.second = BETA2 * own.second + (1 - BETA2) * gradient * gradient;
                    double first = own.first / (1 - Math.pow(BETA1, own.steps));
                    double second = own.second / (1 - Math.pow(BETA2, own.steps));
                    own.log -= learningRate * first / (Math.sqrt(second) + EPS);
                });
    }

    @Override
    public SequencedMap<String, Double> state() {
        var state = new LinkedHashMap<String, Double>();
        variances.forEach(
                (task, own) -> {
                    state.put(task + ".log_variance", own.log);
                    state.put(task + ".first_moment", own.first);
                    state.put(task + ".second_moment", own.second);
                    state.put(task + ".steps", own.steps);
                });
        return state;
    }

    @Override
    public void restore(Map<String, Double> state) {
        variances.forEach(
                (task, own) -> {
                    own.log = Objects.requireNonNull(state.get(task + ".log_variance"));
                    own.first = Objects.requireNonNull(state.get(task + ".first_moment"));
                    own.second = Objects.requireNonNull(state.get(task + ".second_moment"));
                    own.steps = Objects.requireNonNull(state.get(task + ".steps"));
                });
    }
}
