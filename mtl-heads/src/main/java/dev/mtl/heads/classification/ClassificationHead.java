package dev.mtl.heads.classification;

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
import dev.mtl.heads.CrossEntropy;
import dev.mtl.torch.Tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Dropout and one linear layer on the sentence embedding: {@code [B, H]} to logits {@code [B, C]};
 * cross-entropy.
 */
final class ClassificationHead extends LinearTaskHead<Integer> {
    private final LabelIndex labels;
    private final CrossEntropy crossEntropy;

    ClassificationHead(ClassificationProvider.Settings settings, HeadContext context) {
        super(HeadInput.SENTENCE, context, settings.dropout());
        this.labels = new LabelIndex(context.task(), context.labels());
        this.crossEntropy =
                new CrossEntropy(labels, settings.classWeights(), settings.labelSmoothing());
    }

    static Target.Category category(Target target) {
        if (target instanceof Target.Category category) {
            return category;
        }
        throw new IllegalArgumentException(
                "classification takes one label for each text, not "
                        + target.getClass().getSimpleName());
    }

    @Override
    public Integer encodeTarget(Target target, TokenizedTexts texts) {
        return labels.indexOf(category(target).label());
    }

    @Override
    public double lossNormalizer(List<Integer> targets) {
        return targets.stream().mapToDouble(crossEntropy::weight).sum();
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<Integer> targets) {
        return crossEntropy.loss(logits, targets.stream().mapToLong(Integer::longValue).toArray());
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var rows = logits.softmax(-1).toFloatRows();
        var predictions = new ArrayList<Classified>(rows.length);
        for (var row : rows) {
            int best = LabelIndex.argmax(row, 0, row.length);
            predictions.add(new Classified(labels.label(best), row[best]));
        }
        return predictions;
    }

    /**
     * The label of a text.
     *
     * @param score its probability
     */
    record Classified(String label, float score) implements Prediction {
        @Override
        public Map<String, Object> toJson() {
            var json = new LinkedHashMap<String, Object>();
            json.put("label", label);
            json.put("score", score);
            return json;
        }

        @Override
        public String toText() {
            return String.format(java.util.Locale.ROOT, "%s (%.3f)", label, score);
        }
    }

    @Override
    public Metric newMetric() {
        return new LabelMetric(labels.labels());
    }

    @Override
    public String primaryMetric() {
        return "accuracy";
    }
}
