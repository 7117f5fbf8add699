package dev.mtl.heads;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/**
 * The expected calibration error of answers (Guo et al. 2017, section 2): the mean difference
 * between how sure answers are and how many of them are right, over 15 bins of equal width, each
 * weighted by its answers.
 */
public final class CalibrationScores {
    /** The names of the scores: the smaller, the better. */
    public static final Set<String> NAMES = Set.of("ece", "ece_uncalibrated");

    private static final int BINS = 15;

    private final double temperature;
    private final Bins calibrated = new Bins();
    private final @Nullable Bins uncalibrated;

    /**
     * Counts nothing yet.
     *
     * @param temperature of the head; null if it has none
     */
    public CalibrationScores(@Nullable Double temperature) {
        this.temperature = temperature == null ? 1 : temperature;
        this.uncalibrated = temperature == null ? null : new Bins();
    }

    /**
     * Counts an answer.
     *
     * @param confidence in the answer at a temperature, 0 to 1
     * @param right whether it is
     */
    public void add(DoubleUnaryOperator confidence, boolean right) {
        calibrated.add(confidence.applyAsDouble(temperature), right);
        if (uncalibrated != null) {
            uncalibrated.add(confidence.applyAsDouble(1), right);
        }
    }

    /** Adds {@code ece}, and that without the temperature if there is one. */
    public void addTo(Map<String, Double> scores) {
        scores.put("ece", calibrated.value());
        if (uncalibrated != null) {
            scores.put("ece_uncalibrated", uncalibrated.value());
        }
    }

    private static final class Bins {
        private final double[] confidence = new double[BINS];
        private final int[] right = new int[BINS];
        private int answers;

        /** Bin i is for confidences in (i / 15, (i + 1) / 15], the first one also for 0. */
        void add(double own, boolean isRight) {
            int bin = Math.clamp((long) Math.ceil(own * BINS) - 1, 0, BINS - 1);
            confidence[bin] += own;
            right[bin] += isRight ? 1 : 0;
            answers++;
        }

        double value() {
            double sum = 0;
            for (int bin = 0; bin < BINS; bin++) {
                sum += Math.abs(confidence[bin] - right[bin]);
            }
            return answers == 0 ? 0 : sum / answers;
        }
    }
}
