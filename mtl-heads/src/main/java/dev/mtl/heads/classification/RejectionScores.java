package dev.mtl.heads.classification;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** How well texts with one of the labels and texts with none are told apart. */
final class RejectionScores {
    private final Reject reject;
    private final List<Double> inScope = new ArrayList<>();
    private final List<Double> outOfScope = new ArrayList<>();
    private int inScopeRejected;
    private int outOfScopeRejected;

    RejectionScores(Reject reject) {
        this.reject = reject;
    }

    /**
     * Counts a text.
     *
     * @param score of the text, as {@link Reject#score} gives it
     * @param hasLabel whether the text has one of the labels
     * @param rejected whether the head rejected it
     */
    void add(double score, boolean hasLabel, boolean rejected) {
        (hasLabel ? inScope : outOfScope).add(score);
        inScopeRejected += hasLabel && rejected ? 1 : 0;
        outOfScopeRejected += !hasLabel && rejected ? 1 : 0;
    }

    /** Adds what the texts so far allow to say. */
    void addTo(Map<String, Double> scores) {
        if (!reject.isOn()) {
            return;
        }
        boolean both = !inScope.isEmpty() && !outOfScope.isEmpty();
        // without a threshold there are no means of embeddings yet
        if (both && (reject.threshold() != null || !reject.readsEmbeddings())) {
            scores.put("auroc", auroc(array(inScope), array(outOfScope)));
        }
        if (reject.threshold() != null && !inScope.isEmpty()) {
            scores.put("in_scope_accepted", 1 - (double) inScopeRejected / inScope.size());
        }
        if (reject.threshold() != null && both) {
            scores.put("out_of_scope_rejected", (double) outOfScopeRejected / outOfScope.size());
        }
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /**
     * The area under the ROC curve: the probability that a text with a label has a higher score
     * than one without, equal scores counting one half (Mann and Whitney 1947).
     */
    static double auroc(double[] inside, double[] outside) {
        var high = inside.clone();
        var low = outside.clone();
        Arrays.sort(high);
        Arrays.sort(low);
        double sum = 0;
        int below = 0;
        int notAbove = 0;
        for (double score : high) {
            while (below < low.length && low[below] < score) {
                below++;
            }
            while (notAbove < low.length && low[notAbove] <= score) {
                notAbove++;
            }
            sum += (below + notAbove) / 2.0;
        }
        return sum / high.length / low.length;
    }
}
