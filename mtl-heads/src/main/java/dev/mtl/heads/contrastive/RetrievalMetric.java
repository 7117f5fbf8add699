package dev.mtl.heads.contrastive;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Retrieval of each anchor's positive among those of other examples: the mean reciprocal rank, and
 * the share of anchors whose positive is ranked first. Examples are compared in blocks of 1,000, in
 * their order, so that large data sets do not take hours; if the data has labels, texts with the
 * same label are left out as in the loss. A NaN cosine has no rank: both scores are NaN. For joint
 * accuracy every example counts as right.
 */
final class RetrievalMetric implements Metric {
    private static final int BLOCK = 1000;

    private final List<Pair> pairs = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();

    @Override
    public boolean add(Prediction prediction, Target target) {
        pairs.add((Pair) prediction);
        targets.add(target instanceof Target.Taught(var own, var _) ? own : target);
        return true;
    }

    @Override
    public Map<String, Double> scores() {
        double reciprocal = 0;
        double first = 0;
        for (int i = 0; i < pairs.size(); i++) {
            double rank = rank(i);
            reciprocal += 1 / rank;
            first += Double.isNaN(rank) ? Double.NaN : rank == 1 ? 1 : 0;
        }
        int count = Math.max(1, pairs.size());
        var scores = new LinkedHashMap<String, Double>();
        scores.put("mrr", reciprocal / count);
        scores.put("accuracy_at_1", first / count);
        return scores;
    }

    /**
     * The rank, from 1; texts with the same cosine as the positive rank before it. NaN if a cosine
     * is.
     */
    private double rank(int index) {
        var anchor = pairs.get(index);
        double own = anchor.cosine(anchor);
        int start = index / BLOCK * BLOCK;
        double rank = Double.isNaN(own) ? Double.NaN : 1;
        for (int other = start; other < Math.min(pairs.size(), start + BLOCK); other++) {
            boolean counts = other != index && !isSameLabel(index, other);
            double cosine = counts ? anchor.cosine(pairs.get(other)) : Double.NEGATIVE_INFINITY;
            if (Double.isNaN(cosine)) {
                return Double.NaN;
            }
            rank += cosine >= own ? 1 : 0;
        }
        return rank;
    }

    private boolean isSameLabel(int a, int b) {
        return targets.get(a) instanceof Target.Category(var label)
                && targets.get(b) instanceof Target.Category(var other)
                && label.equals(other);
    }
}
