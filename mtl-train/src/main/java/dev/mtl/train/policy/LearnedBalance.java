package dev.mtl.train.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/** A balance whose weights are a softmax over the tasks that learns from step to step. */
abstract sealed class LearnedBalance implements GradientBalance permits Famo, GradNorm {
    private final SequencedMap<String, Double> factors;
    private final TaskSoftmax softmax;

    /**
     * Begins with equal weights.
     *
     * @param factors {@code loss_weight} of each task, by which its loss is multiplied
     */
    LearnedBalance(SequencedMap<String, Double> factors, double learningRate, double weightDecay) {
        this.factors = new LinkedHashMap<>(factors);
        softmax = new TaskSoftmax(factors.keySet(), learningRate, weightDecay);
    }

    @Override
    public final SequencedMap<String, Double> weights() {
        return new LinkedHashMap<>(factors);
    }

    /** The number of tasks. */
    final int count() {
        return factors.size();
    }

    /** The factor of a task's loss. */
    final double factor(String task) {
        return value(factors, task);
    }

    /** What learns. */
    final TaskSoftmax softmax() {
        return softmax;
    }

    /** What a map that has every task says of one. */
    static double value(Map<String, Double> values, String task) {
        return Objects.requireNonNull(values.get(task), task);
    }

    @Override
    public SequencedMap<String, Double> state() {
        return softmax.state();
    }

    @Override
    public void restore(Map<String, Double> state) {
        softmax.restore(state);
    }
}
