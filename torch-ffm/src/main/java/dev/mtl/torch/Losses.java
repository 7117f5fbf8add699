package dev.mtl.torch;

import org.jspecify.annotations.Nullable;

/** Loss functions; {@code self} is the prediction. */
public sealed interface Losses extends Operand permits Tensor {
    /** The class index that takes no part in {@link #crossEntropy}. */
    long IGNORE_INDEX = -100;

    /** How the losses of single elements become one, with ATen's numbers. */
    enum Reduction {
        NONE(0),
        MEAN(1),
        SUM(2);

        private final int code;

        Reduction(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /**
     * The mean cross entropy of logits {@code [N, C]} with the classes {@code [N]} (INT64); {@link
     * #IGNORE_INDEX} takes no part.
     */
    default Tensor crossEntropy(Tensor classes) {
        return crossEntropy(classes, null, Reduction.MEAN, 0);
    }

    /**
     * Cross entropy of logits {@code [N, C]} with classes {@code [N]} (INT64); {@link
     * #IGNORE_INDEX} takes no part.
     *
     * @param classWeights {@code [C]}, or null; with {@link Reduction#MEAN} the sum is divided by
     *     the sum of the weights that took part
     * @param labelSmoothing 0 to 1
     */
    default Tensor crossEntropy(
            Tensor classes,
            @Nullable Tensor classWeights,
            Reduction reduction,
            double labelSmoothing) {
        return Aten.CROSS_ENTROPY.tensor(
                self(), classes, classWeights, reduction.code(), IGNORE_INDEX, labelSmoothing);
    }

    /**
     * Cross entropy of logits with probabilities of the same shape, each element a yes or no of its
     * own.
     */
    default Tensor binaryCrossEntropyWithLogits(Tensor target, Reduction reduction) {
        return Aten.BCE_WITH_LOGITS.tensor(self(), target, null, null, reduction.code());
    }

    /** Squared differences. */
    default Tensor mseLoss(Tensor target, Reduction reduction) {
        return Aten.MSE_LOSS.tensor(self(), target, reduction.code());
    }

    /** Squared below {@code delta}, linear above it (Huber 1964). */
    default Tensor huberLoss(Tensor target, Reduction reduction, double delta) {
        return Aten.HUBER_LOSS.tensor(self(), target, reduction.code(), delta);
    }

    /** The cosine of the angle between vectors along a dimension, which goes. */
    default Tensor cosineSimilarity(Tensor other, int dimension) {
        return Aten.COSINE_SIMILARITY.tensor(self(), other, dimension);
    }
}
