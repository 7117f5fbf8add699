package dev.mtl.train.policy;

import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/** Adam for one number (Kingma, Ba 2014), as {@code torch.optim.Adam} computes it in float64. */
final class Adam {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-8;

    private final double learningRate;
    private final double weightDecay;
    private double value;
    private double first;
    private double second;
    private double steps;

    /**
     * Begins at zero.
     *
     * @param weightDecay what the value is multiplied by and added to its gradient
     */
    Adam(double learningRate, double weightDecay) {
        this.learningRate = learningRate;
        this.weightDecay = weightDecay;
    }

    double value() {
        return value;
    }

    void step(double gradient) {
        double decayed = gradient + weightDecay * value;
        steps++;
        first = BETA1 * first + (1 - BETA1) * decayed;
        second = BETA2 * second + (1 - BETA2) * decayed * decayed;
        double unbiasedFirst = first / (1 - Math.pow(BETA1, steps));
        double unbiasedSecond = second / (1 - Math.pow(BETA2, steps));
        value -= learningRate * unbiasedFirst / (Math.sqrt(unbiasedSecond) + EPS);
    }

    /** Adds the state under names that begin with {@code prefix}. */
    void write(String prefix, SequencedMap<String, Double> state) {
        state.put(prefix + ".value", value);
        state.put(prefix + ".first_moment", first);
        state.put(prefix + ".second_moment", second);
        state.put(prefix + ".steps", steps);
    }

    void restore(String prefix, Map<String, Double> state) {
        value = Objects.requireNonNull(state.get(prefix + ".value"));
        first = Objects.requireNonNull(state.get(prefix + ".first_moment"));
        second = Objects.requireNonNull(state.get(prefix + ".second_moment"));
        steps = Objects.requireNonNull(state.get(prefix + ".steps"));
    }
}
