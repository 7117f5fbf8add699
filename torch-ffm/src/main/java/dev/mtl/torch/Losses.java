package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import dev.mtl.torch.dispatch.Aten;

import org.jspecify.annotations.Nullable;

/** Loss functions; {@code self} is the prediction. */
public sealed interface Losses extends Operand permits Tensor {
    /** Targets with this class index are ignored by {@link #crossEntropy}. */
    long IGNORE_INDEX = -100;

    /** How element-wise losses are combined; with ATen's numbers. */
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
     * The mean cross entropy of logits {@code [N, C]} and classes {@code [N]} (INT64); {@link
     * #IGNORE_INDEX} is ignored.
     */
    default Tensor crossEntropy(Tensor classes) {
        return crossEntropy(classes, null, Reduction.MEAN, 0);
    }

    /**
     * Cross entropy of logits {@code [N, C]} and classes {@code [N]} (INT64); {@link #IGNORE_INDEX}
     * is ignored.
     *
     * @param classWeights {@code [C]}, or null; with {@link Reduction#MEAN} the sum is divided by
     *     the sum of the weights of the targets that are not ignored
     * @param labelSmoothing 0 to 1
     */
    default Tensor crossEntropy(
            Tensor classes,
            @Nullable Tensor classWeights,
            Reduction reduction,
            double labelSmoothing) {
        return DISPATCHER.call(
                Aten.CROSS_ENTROPY,
                self(),
                classes,
                classWeights,
                reduction.code(),
                IGNORE_INDEX,
                labelSmoothing);
    }

    /**
     * Binary cross entropy of logits and target probabilities of the same shape, element by
     * element.
     */
    default Tensor binaryCrossEntropyWithLogits(Tensor target, Reduction reduction) {
        return DISPATCHER.call(Aten.BCE_WITH_LOGITS, self(), target, null, null, reduction.code());
    }

    /**
     * The symmetric Kullback-Leibler divergence between the distributions of two tensors of logits
     * {@code [..., C]}: the mean of that in either direction, {@code sum (p - q) (log p - log q) /
     * 2}.
     *
     * @return {@code [...]}
     */
    default Tensor symmetricDivergence(Tensor other) {
        var logs = self().logSoftmax(-1).sub(other.logSoftmax(-1));
        return self().softmax(-1).sub(other.softmax(-1)).mul(logs).sum(-1).mul(0.5);
    }

    /** Squared error. */
    default Tensor mseLoss(Tensor target, Reduction reduction) {
        return DISPATCHER.call(Aten.MSE_LOSS, self(), target, reduction.code());
    }

    /** Huber loss: quadratic below {@code delta}, linear above it (Huber 1964). */
    default Tensor huberLoss(Tensor target, Reduction reduction, double delta) {
        return DISPATCHER.call(Aten.HUBER_LOSS, self(), target, reduction.code(), delta);
    }

    /** Cosine similarity along a dimension, which is removed. */
    default Tensor cosineSimilarity(Tensor other, int dimension) {
        return DISPATCHER.call(Aten.COSINE_SIMILARITY, self(), other, dimension);
    }
}
