package dev.mtl.heads;

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

    /** {@link #scores} and {@code support}, the number in the data. */
    public Map<String, Double> scoresWithSupport() {
        var scores = scores();
        scores.put("support", (double) gold);
        return scores;
    }

    /** The {@link #scoresWithSupport} of several. */
    public static Map<String, Map<String, Double>> byLabel(Map<String, PrecisionRecall> counts) {
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        counts.forEach((label, own) -> scores.put(label, own.scoresWithSupport()));
        return scores;
    }
}
