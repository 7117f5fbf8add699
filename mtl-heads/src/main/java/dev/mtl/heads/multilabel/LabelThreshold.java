package dev.mtl.heads.multilabel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Finds the threshold of a label with the highest F1. */
final class LabelThreshold {
    private final double before;
    private final List<Seen> seen = new ArrayList<>();

    private record Seen(double probability, boolean gold) {}

    /**
     * Starts without observations.
     *
     * @param before the threshold to keep unless the data has a better one
     */
    LabelThreshold(double before) {
        this.before = before;
    }

    void add(double probability, boolean gold) {
        seen.add(new Seen(probability, gold));
    }

    /**
     * The threshold, midway between two observed probabilities; of several equally good ones the
     * nearest to the threshold before.
     */
    double best() {
        long gold = seen.stream().filter(Seen::gold).count();
        if (gold == 0) {
            return before;
        }
        seen.sort(Comparator.comparingDouble(Seen::probability).reversed());
        double best = before;
        double most = f1At(before, gold);
        int right = 0;
        for (int i = 0; i < seen.size(); i++) {
            right += seen.get(i).gold() ? 1 : 0;
            double own = seen.get(i).probability();
            double next = i + 1 < seen.size() ? seen.get(i + 1).probability() : 0;
            double middle = (own + next) / 2;
            boolean between = next < own && middle > next && middle > 0 && middle < 1;
            double f1 = 2.0 * right / (i + 1 + gold);
            boolean nearer = Math.abs(middle - before) < Math.abs(best - before);
            if (between && (f1 > most || (f1 == most && nearer))) {
                most = f1;
                best = middle;
            }
        }
        return best;
    }

    private double f1At(double threshold, long gold) {
        long said = seen.stream().filter(one -> one.probability() >= threshold).count();
        long right =
                seen.stream().filter(one -> one.probability() >= threshold && one.gold()).count();
        return 2.0 * right / Math.max(1, said + gold);
    }
}
