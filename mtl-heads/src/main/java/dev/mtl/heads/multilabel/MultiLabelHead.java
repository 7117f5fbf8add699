package dev.mtl.heads.multilabel;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.LinearTaskHead;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.EmptyText;
import dev.mtl.heads.Focal;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;

/**
 * Dropout and one linear layer on the sentence embedding: {@code [B, H]} to logits {@code [B, C]},
 * each an independent binary decision; binary cross-entropy, the mean over texts and labels.
 */
final class MultiLabelHead extends LinearTaskHead<int[]> {
    private final MultiLabelProvider.Settings settings;
    private final LabelIndex labels;

    MultiLabelHead(MultiLabelProvider.Settings settings, HeadContext context) {
        super(HeadInput.SENTENCE, context, settings.dropout());
        this.settings = settings;
        this.labels = new LabelIndex(context.task(), context.labels());
        this.labels.requireKnown("thresholds", settings.thresholds().keySet());
    }

    /** The labels of a text; a single label is one of them. */
    static List<String> labels(Target target) {
        return switch (target) {
            case Target.Labels several -> several.labels();
            case Target.Category one -> List.of(one.label());
            default ->
                    throw new IllegalArgumentException(
                            "multi-label-classification takes labels for each text, not "
                                    + target.getClass().getSimpleName());
        };
    }

    /** The indices of the labels. */
    @Override
    public int[] encodeTarget(Target target, TokenizedTexts texts) {
        return labels.indicesOf(labels(target));
    }

    @Override
    public Tensor loss(Parameters parameters, Tensor logits, HeadBatch batch, List<int[]> targets) {
        var wanted = new float[targets.size() * labels.size()];
        for (int row = 0; row < targets.size(); row++) {
            for (int label : targets.get(row)) {
                wanted[row * labels.size() + label] = 1;
            }
        }
        var decisions = Tensors.of(wanted, targets.size(), labels.size()).to(logits.device());
        if (settings.focalGamma() == 0) {
            return logits.binaryCrossEntropyWithLogits(decisions, Losses.Reduction.MEAN);
        }
        return Focal.of(
                        logits.binaryCrossEntropyWithLogits(decisions, Losses.Reduction.NONE),
                        settings.focalGamma())
                .mean();
    }

    @Override
    public boolean hasDivergence() {
        return true;
    }

    /** That of each decision, whose logit is the difference of two. */
    @Override
    public Tensor divergence(
            Parameters parameters,
            Tensor logits,
            Tensor again,
            HeadBatch batch,
            List<int[]> targets) {
        return logits.sigmoid().sub(again.sigmoid()).mul(logits.sub(again)).mean().mul(0.5);
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var rows = logits.toFloatRows();
        var predictions = new ArrayList<Labelled>(rows.length);
        for (int i = 0; i < rows.length; i++) {
            predictions.add(new Labelled(labels, rows[i], settings, EmptyText.is(batch, i)));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new MultiLabelMetric(labels.labels(), settings.temperature());
    }

    @Override
    public String primaryMetric() {
        return "f1";
    }
}
