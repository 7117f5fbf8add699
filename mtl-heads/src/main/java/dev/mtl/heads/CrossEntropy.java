package dev.mtl.heads;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

/**
 * Cross-entropy with class weights and label smoothing, as {@code torch.nn.CrossEntropyLoss(weight,
 * label_smoothing)} computes it: the mean is weighted by the class weights, and smoothing
 * distributes a share of the probability evenly over all labels (Szegedy et al. 2016, arXiv
 * 1512.00567, section 7).
 */
public final class CrossEntropy {
    private final double labelSmoothing;
    private final double focalGamma;
    private final float[] weights;
    private final boolean weighted;

    /** Without focal loss. */
    public CrossEntropy(LabelIndex labels, ClassWeights classWeights, double labelSmoothing) {
        this(labels, classWeights, labelSmoothing, 0);
    }

    /**
     * Creates the loss.
     *
     * @param classWeights given by label
     * @param focalGamma see {@link Focal}; 0 for none
     * @throws IllegalArgumentException for a weight of an unknown label, and for balanced weights
     *     that were not learned from training data
     */
    public CrossEntropy(
            LabelIndex labels,
            ClassWeights classWeights,
            double labelSmoothing,
            double focalGamma) {
        this.focalGamma = focalGamma;
        this.labelSmoothing = labelSmoothing;
        weighted = classWeights.areSet();
        weights = new float[labels.size()];
        if (!(classWeights instanceof ClassWeights.Given(var byLabel))) {
            throw new IllegalArgumentException(
                    "class_weights: balanced needs training data, by learnSettings");
        }
        labels.requireKnown("class_weights", byLabel.keySet());
        for (int i = 0; i < weights.length; i++) {
            weights[i] = byLabel.getOrDefault(labels.label(i), 1.0).floatValue();
        }
    }

    /** The weight of an item of a class. */
    public double weight(int label) {
        return weights[label];
    }

    /**
     * The mean loss.
     *
     * @param logits {@code [N, C]}, FLOAT32
     * @param classes N; {@link Losses#IGNORE_INDEX} for items that are ignored
     */
    public Tensor loss(Tensor logits, long[] classes) {
        var device = logits.device();
        if (focalGamma > 0) {
            return focal(logits, classes);
        }
        return logits.crossEntropy(
                Tensors.of(classes, classes.length).to(device),
                weighted ? Tensors.of(weights, weights.length).to(device) : null,
                Losses.Reduction.MEAN,
                labelSmoothing);
    }

    private Tensor focal(Tensor logits, long[] classes) {
        var losses =
                logits.crossEntropy(
                        Tensors.of(classes, classes.length).to(logits.device()),
                        null,
                        Losses.Reduction.NONE,
                        0);
        return weightedMean(Focal.of(losses, focalGamma), classes);
    }

    /**
     * The mean divergence between two passes over the items, weighted as the loss is.
     *
     * @param logits {@code [N, C]}, FLOAT32
     * @param again of the second pass
     * @param classes N; {@link Losses#IGNORE_INDEX} for items that are ignored
     */
    public Tensor divergence(Tensor logits, Tensor again, long[] classes) {
        return weightedMean(logits.symmetricDivergence(again), classes);
    }

    /** The mean of figures of items, weighted by the class weights. */
    private Tensor weightedMean(Tensor items, long[] classes) {
        var ofItems = new float[classes.length];
        double sum = 0;
        for (int i = 0; i < classes.length; i++) {
            ofItems[i] = classes[i] == Losses.IGNORE_INDEX ? 0 : weights[(int) classes[i]];
            sum += ofItems[i];
        }
        return items.mul(Tensors.of(ofItems, ofItems.length).to(items.device())).sum().div(sum);
    }
}
