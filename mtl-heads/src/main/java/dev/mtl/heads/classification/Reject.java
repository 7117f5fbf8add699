package dev.mtl.heads.classification;

import dev.mtl.heads.Probabilities;
import dev.mtl.heads.Temperature;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Objects;

/**
 * The reject option: a text whose score is below a threshold has none of the labels.
 *
 * @param method how texts are scored
 * @param targetRecall the share of the validation texts with one of the labels that the fitted
 *     threshold accepts
 * @param label of texts in the data that have none of the labels; null if there are no such texts
 * @param threshold the least score of an accepted text; null until it is fitted
 */
public record Reject(
        Method method, double targetRecall, @Nullable String label, @Nullable Double threshold) {
    /** Rejects nothing. */
    public static final Reject NONE = new Reject(Method.NONE, 0.95, null, null);

    /** How texts are scored: the higher, the more likely they have one of the labels. */
    public enum Method {
        /** Not at all. */
        NONE,
        /** The probability of the best label (Hendrycks, Gimpel 2017, arXiv 1610.02136). */
        MAX_PROBABILITY,
        /**
         * The logarithm of the sum of the exponentials of the logits, which is the negative free
         * energy (Liu et al. 2020, arXiv 2010.03759).
         */
        ENERGY,
        /** The negative squared Mahalanobis distance to the nearest label's mean embedding. */
        MAHALANOBIS
    }

    public Reject {
        method = Objects.requireNonNullElse(method, Method.NONE);
        if (!(targetRecall > 0 && targetRecall <= 1)) {
            throw new IllegalArgumentException(
                    "target_recall is " + targetRecall + ", it must be in (0, 1]");
        }
        if (method == Method.NONE && label != null) {
            throw new IllegalArgumentException(
                    "label is set, but nothing is rejected: set method to max_probability, energy"
                            + " or mahalanobis");
        }
    }

    /** Whether texts can be rejected at all. */
    boolean isOn() {
        return method != Method.NONE;
    }

    /** Whether texts are compared with the embeddings of the training data. */
    boolean readsEmbeddings() {
        return method == Method.MAHALANOBIS;
    }

    /** Whether a label of the data stands for texts that have none of the labels. */
    boolean isOutOfScope(String gold) {
        return gold.equals(label);
    }

    /**
     * The score of a text.
     *
     * @param logits of all labels
     * @param distance the squared distance to the nearest mean, for {@link Method#MAHALANOBIS}
     */
    double score(float[] logits, double temperature, double distance) {
        return switch (method) {
            case NONE -> 0;
            case MAX_PROBABILITY -> Probabilities.largest(logits, temperature);
            case ENERGY -> Probabilities.logSumExp(logits, 1);
            case MAHALANOBIS -> -distance;
        };
    }

    /** Whether a text of this score is rejected; NaN is. */
    boolean rejects(double score) {
        return isOn() && threshold != null && !(score >= threshold);
    }

    /**
     * With the threshold that accepts {@link #targetRecall} of some texts: midway between the
     * scores on its two sides, so that it does not depend on the last bits of a score.
     *
     * @param scores of validation texts with one of the labels; the threshold stays if there are
     *     fewer than {@link Temperature#LEAST}
     */
    Reject fitted(double[] scores) {
        if (scores.length < Temperature.LEAST) {
            return this;
        }
        var sorted = scores.clone();
        Arrays.sort(sorted);
        // 100 * (1 - 0.95) is a little more than 5, others are a little less
        double share = sorted.length * (1 - targetRecall) + 1e-9;
        int rejected = Math.min((int) share, sorted.length - 1);
        double accepted = sorted[rejected];
        double below =
                rejected > 0
                        ? sorted[rejected - 1]
                        : accepted - 1e-6 * Math.max(1, Math.abs(accepted));
        return new Reject(method, targetRecall, label, (below + accepted) / 2);
    }
}
