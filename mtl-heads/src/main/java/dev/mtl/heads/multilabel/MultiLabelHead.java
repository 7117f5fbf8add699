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
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
        return logits.binaryCrossEntropyWithLogits(
                Tensors.of(wanted, targets.size(), labels.size()).to(logits.device()),
                Losses.Reduction.MEAN);
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var predictions = new ArrayList<Labelled>();
        for (var row : logits.sigmoid().toFloatRows()) {
            var scores = new LinkedHashMap<String, Float>();
            var probabilities = new ArrayList<Float>();
            for (int label = 0; label < row.length; label++) {
                probabilities.add(row[label]);
                if (row[label] >= settings.threshold(labels.label(label))) {
                    scores.put(labels.label(label), row[label]);
                }
            }
            predictions.add(new Labelled(scores, probabilities));
        }
        return predictions;
    }

    /**
     * The labels of a text.
     *
     * @param scores their probabilities
     * @param probabilities of all labels, in the order of their logits
     */
    record Labelled(Map<String, Float> scores, List<Float> probabilities) implements Prediction {
        Labelled {
            probabilities = List.copyOf(probabilities);
        }

        @Override
        public Map<String, Object> toJson() {
            var list = new ArrayList<Map<String, Object>>();
            scores.forEach(
                    (label, score) -> {
                        var one = new LinkedHashMap<String, Object>();
                        one.put("label", label);
                        one.put("score", score);
                        list.add(one);
                    });
            return Map.of("labels", list);
        }

        @Override
        public String toText() {
            if (scores.isEmpty()) {
                return "-";
            }
            var text = new ArrayList<String>();
            scores.forEach(
                    (label, score) ->
                            text.add(String.format(Locale.ROOT, "%s (%.3f)", label, score)));
            return String.join(", ", text);
        }
    }

    @Override
    public Metric newMetric() {
        return new MultiLabelMetric(labels.labels());
    }

    @Override
    public String primaryMetric() {
        return "f1";
    }
}
