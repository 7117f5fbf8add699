package dev.mtl.heads;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts of what was predicted, what is in the data, and what is both. */
public final class PrecisionRecall {
    private int predicted;
    private int gold;
    private int right;

    /** Counts one decision. */
    public void add(boolean isPredicted, boolean isGold) {
        predicted += isPredicted ? 1 : 0;
        gold += isGold ? 1 : 0;
        right += isPredicted && isGold ? 1 : 0;
    }

    /** The harmonic mean of precision and recall, 0 without either. */
    public double f1() {
        return predicted + gold == 0 ? 0 : 2.0 * right / (predicted + gold);
    }

    /** {@code precision}, {@code recall} and {@code f1}; 0 if the denominator is 0. */
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<String, Double>();
        scores.put("precision", predicted == 0 ? 0 : (double) right / predicted);
        scores.put("recall", gold == 0 ? 0 : (double) right / gold);
        scores.put("f1", f1());
        return scores;
    }

    /** Whether neither the data nor a prediction has it. */
    public boolean isAbsent() {
        return predicted + gold == 0;
    }

    /**
     * {@link #scores}, {@code support}, the number in the data, and {@code predicted}, that of the
     * predictions.
     */
    public Map<String, Double> scoresWithSupport() {
        var scores = scores();
        scores.put("support", (double) gold);
        scores.put("predicted", (double) predicted);
        return scores;
    }

    /**
     * The mean F1 of several, 0 of none: each label counts the same, however many there are of it.
     */
    public static double macroF1(Collection<PrecisionRecall> counts) {
        return counts.stream().mapToDouble(PrecisionRecall::f1).average().orElse(0);
    }

    /** The {@link #scoresWithSupport} of several. */
    public static Map<String, Map<String, Double>> byLabel(Map<String, PrecisionRecall> counts) {
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        counts.forEach((label, own) -> scores.put(label, own.scoresWithSupport()));
        return scores;
    }
}
