package dev.mtl.train.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Dynamic weight average: tasks whose loss falls slowly weigh more. In epoch t, task k of K has the
 * weight {@code K exp(r_k / T) / sum_i exp(r_i / T)}, where {@code r_k} is its mean loss in epoch t
 * - 1 divided by that in t - 2, and 1 in the first two epochs (Liu, Johns, Davison 2019, arXiv
 * 1803.10704, equation 7).
 */
public final class DynamicWeightAverage implements LossBalance {
    private final SequencedMap<String, Double> factors;
    private final double temperature;
    private final SequencedMap<String, History> histories = new LinkedHashMap<>();

    /** A task's losses; NaN before there are any. */
    private static final class History {
        private double sum;
        private double steps;
        private double last = Double.NaN;
        private double beforeLast = Double.NaN;

        double ratio() {
            return Double.isNaN(beforeLast) || beforeLast == 0 ? 1 : last / beforeLast;
        }
    }

    /**
     * Begins with equal weights.
     *
     * @param factors {@code loss_weight} of each task, by which its weight is multiplied
     * @param temperature T: the larger, the more equal are the weights; 2 in the paper
     */
    public DynamicWeightAverage(SequencedMap<String, Double> factors, double temperature) {
        this.factors = new LinkedHashMap<>(factors);
        this.temperature = temperature;
        factors.keySet().forEach(task -> histories.put(task, new History()));
    }

    @Override
    public SequencedMap<String, Double> weights() {
        double sum =
                histories.values().stream()
                        .mapToDouble(history -> Math.exp(history.ratio() / temperature))
                        .sum();
        var weights = new LinkedHashMap<String, Double>();
        histories.forEach(
                (task, history) ->
                        weights.put(
                                task,
                                Objects.requireNonNull(factors.get(task))
                                        * histories.size()
                                        * Math.exp(history.ratio() / temperature)
                                        / sum));
        return weights;
    }

    @Override
    public void afterStep(Map<String, Double> losses) {
        losses.forEach(
                (task, loss) -> {
                    var history = Objects.requireNonNull(histories.get(task), task);
                    history.sum += loss;
                    history.steps++;
                });
    }

    @Override
    public void afterEpoch() {
        for (var history : histories.values()) {
            if (history.steps > 0) {
                history.beforeLast = history.last;
                history.last = history.sum / history.steps;
                history.sum = 0;
                history.steps = 0;
            }
        }
    }

    @Override
    public SequencedMap<String, Double> state() {
        var state = new LinkedHashMap<String, Double>();
        histories.forEach(
                (task, history) -> {
                    state.put(task + ".sum", history.sum);
                    state.put(task + ".steps", history.steps);
                    state.put(task + ".last", history.last);
                    state.put(task + ".before_last", history.beforeLast);
                });
        return state;
    }

    @Override
    public void restore(Map<String, Double> state) {
        histories.forEach(
                (task, history) -> {
                    history.sum = Objects.requireNonNull(state.get(task + ".sum"));
                    history.steps = Objects.requireNonNull(state.get(task + ".steps"));
                    history.last = Objects.requireNonNull(state.get(task + ".last"));
                    history.beforeLast = Objects.requireNonNull(state.get(task + ".before_last"));
                });
    }
}
