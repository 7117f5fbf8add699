package dev.mtl.heads;

import dev.mtl.core.head.LabelIndex;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.Map;

/**
 * Cross entropy with weights of classes and smoothed labels, as {@code
 * torch.nn.CrossEntropyLoss(weight, label_smoothing)} has it: the mean is over the weights of the
 * items, and smoothing takes a share of the probability for all labels alike (Szegedy et al. 2016,
 * arXiv 1512.00567, section 7).
 */
public final class CrossEntropy {
    private final double labelSmoothing;
    private final float[] weights;
    private final boolean weighted;

    /**
     * Prepares.
     *
     * @param classWeights by label; those that are not named count 1
     * @throws IllegalArgumentException for a weight of a label that there is not
     */
    public CrossEntropy(
            LabelIndex labels, Map<String, Double> classWeights, double labelSmoothing) {
        this.labelSmoothing = labelSmoothing;
        weighted = !classWeights.isEmpty();
        weights = new float[labels.size()];
        labels.requireKnown("class_weights", classWeights.keySet());
        for (int i = 0; i < weights.length; i++) {
            weights[i] = classWeights.getOrDefault(labels.label(i), 1.0).floatValue();
        }
    }

    /** What an item of a class counts. */
    public double weight(int label) {
        return weights[label];
    }

    /**
     * The mean loss.
     *
     * @param logits {@code [N, C]}, FLOAT32
     * @param classes N, {@link Losses#IGNORE_INDEX} for what takes no part
     */
    public Tensor loss(Tensor logits, long[] classes) {
        var device = logits.device();
        return logits.crossEntropy(
                Tensors.of(classes, classes.length).to(device),
                weighted ? Tensors.of(weights, weights.length).to(device) : null,
                Losses.Reduction.MEAN,
                labelSmoothing);
    }
}
