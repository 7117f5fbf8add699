package dev.mtl.train.run;

/** Which evaluation was the best, by one metric, and how many have come since. */
final class BestModel {
    /** What the best score is before there is one. */
    private static final double NONE = Double.NEGATIVE_INFINITY;

    private final BestMetric metric;
    private final boolean lowerIsBetter;
    private double best = NONE;
    private int since;

    /** Begins without any. */
    BestModel(BestMetric metric) {
        this.metric = metric;
        lowerIsBetter = metric.lowerIsBetter();
    }

    /**
     * Takes note of an evaluation; says whether it is better than all before it. The first is, even
     * if its score is no number; after that any number is better than none.
     */
    boolean isBetter(Evaluation evaluation) {
        double score = score(evaluation);
        boolean better = best == NONE || isBetter(score);
        best = better ? score : best;
        since = better ? 0 : since + 1;
        return better;
    }

    private boolean isBetter(double score) {
        if (Double.isNaN(score) || Double.isNaN(best)) {
            return !Double.isNaN(score);
        }
        return lowerIsBetter ? score < best : score > best;
    }

    /** The score that a model is chosen by, NaN if it is infinite or no number. */
    double score(Evaluation evaluation) {
        double score = metric.of(evaluation);
        return Double.isFinite(score) ? score : Double.NaN;
    }

    /** The best score, negative infinity before there is one. */
    double best() {
        return best;
    }

    /** Evaluations since the best one. */
    int since() {
        return since;
    }

    /** Goes on from figures that were read before. */
    void restore(double score, int evaluations) {
        best = score;
        since = evaluations;
    }
}
