package dev.mtl.heads;

import java.util.BitSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * Temperature scaling (Guo et al. 2017, arXiv 1706.04599, section 4.2): logits are divided by the
 * one number that minimizes the negative log-likelihood of held-out data. It changes how sure
 * answers are, not which they are.
 */
public final class Temperature {
    /** From so many answers on a temperature is fitted; fewer say too little. */
    public static final int LEAST = 50;

    private static final double LOWEST = 0.05;
    private static final double HIGHEST = 20;

    /** Temperatures that are tried first, evenly spaced in their logarithm. */
    private static final int GRID = 32;

    private static final int REFINEMENTS = 40;
    private static final double GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

    private Temperature() {}

    /**
     * Fits the temperature of a softmax.
     *
     * @param logits of each answer
     * @param gold the index of the right label of each
     * @return empty if there are too few answers, or a NaN among the logits
     */
    public static OptionalDouble ofClasses(List<float[]> logits, int[] gold) {
        return fit(
                gold.length,
                temperature -> {
                    double sum = 0;
                    for (int i = 0; i < gold.length; i++) {
                        var row = logits.get(i);
                        sum += Probabilities.logSumExp(row, temperature);
                        sum -= row[gold[i]] / temperature;
                    }
                    return sum / gold.length;
                },
                temperature -> {
                    double sum = 0;
                    for (var row : logits) {
                        sum += Probabilities.largest(row, temperature);
                    }
                    return sum / gold.length;
                });
    }

    /**
     * Fits the temperature of independent yes-no decisions.
     *
     * @param logits of the decisions
     * @param gold whether yes is right
     * @return empty if there are too few decisions, or a NaN among the logits
     */
    public static OptionalDouble ofDecisions(float[] logits, boolean[] gold) {
        return fit(
                gold.length,
                temperature -> {
                    double sum = 0;
                    for (int i = 0; i < gold.length; i++) {
                        double right = (gold[i] ? logits[i] : -logits[i]) / temperature;
                        // log(1 + exp(-right)) without overflow
                        sum += Math.max(0, -right) + Math.log1p(Math.exp(-Math.abs(right)));
                    }
                    return sum / gold.length;
                },
                temperature -> {
                    double sum = 0;
                    for (float logit : logits) {
                        sum += Probabilities.sigmoid(Math.abs(logit) / temperature);
                    }
                    return sum / gold.length;
                });
    }

    /** How sure an answer is at a temperature, from 0 to 1. */
    public interface Confidence {
        /** The probability that the answer is right. */
        double at(double temperature);
    }

    /**
     * Fits a temperature to whether answers are right.
     *
     * @param right bit i: whether answer i is right
     * @return empty if there are too few answers, or a NaN among the confidences
     */
    public static OptionalDouble ofAnswers(List<? extends Confidence> answers, BitSet right) {
        return fit(
                answers.size(),
                temperature -> {
                    double sum = 0;
                    for (int i = 0; i < answers.size(); i++) {
                        double confidence = answers.get(i).at(temperature);
                        double likelihood = right.get(i) ? confidence : 1 - confidence;
                        sum -= Math.log(Math.max(likelihood, 1e-12));
                    }
                    return sum / answers.size();
                },
                temperature -> {
                    double sum = 0;
                    for (var answer : answers) {
                        sum += answer.at(temperature);
                    }
                    return sum / answers.size();
                });
    }

    /**
     * Minimizes the loss. Where all answers are right, it falls with the temperature without end:
     * the mean confidence stays below (n + 1) / (n + 2), which is Laplace's estimate after n right
     * answers.
     *
     * @param loss mean negative log-likelihood at a temperature
     * @param confidence mean confidence at a temperature, which falls with rising temperature
     */
    private static OptionalDouble fit(
            int answers, DoubleUnaryOperator loss, DoubleUnaryOperator confidence) {
        if (answers < LEAST || !Double.isFinite(loss.applyAsDouble(1))) {
            return OptionalDouble.empty();
        }
        double best = minimum(loss);
        double most = (answers + 1.0) / (answers + 2.0);
        return OptionalDouble.of(
                confidence.applyAsDouble(best) > most ? lowered(confidence, most, best) : best);
    }

    /** The best point of a grid, refined by golden-section search between its neighbours. */
    private static double minimum(DoubleUnaryOperator loss) {
        double low = Math.log(LOWEST);
        double step = (Math.log(HIGHEST) - low) / GRID;
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i <= GRID; i++) {
            double own = loss.applyAsDouble(Math.exp(low + i * step));
            if (own < least) {
                least = own;
                best = i;
            }
        }
        double from = low + Math.max(0, best - 1) * step;
        double to = low + Math.min(GRID, best + 1) * step;
        for (int i = 0; i < REFINEMENTS; i++) {
            double left = to - GOLDEN_RATIO * (to - from);
            double right = from + GOLDEN_RATIO * (to - from);
            if (loss.applyAsDouble(Math.exp(left)) <= loss.applyAsDouble(Math.exp(right))) {
                to = right;
            } else {
                from = left;
            }
        }
        return Math.exp((from + to) / 2);
    }

    /** The temperature above {@code from} at which the mean confidence is {@code most}. */
    private static double lowered(DoubleUnaryOperator confidence, double most, double from) {
        double low = Math.log(from);
        double high = Math.log(HIGHEST);
        for (int i = 0; i < REFINEMENTS; i++) {
            double middle = (low + high) / 2;
            if (confidence.applyAsDouble(Math.exp(middle)) > most) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.exp(high);
    }
}
