package dev.mtl.train.testing;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A label for two texts: a linear layer on the two read together, on the product of their sentence
 * embeddings, or on the sum of both.
 */
public final class RelationHead implements TaskHead<Integer> {
    private final HeadContext context;
    private final Set<HeadInput> inputs;
    private final LabelIndex labels;

    /**
     * Chooses what the layer reads.
     *
     * @param inputs PAIR, SENTENCES, or both
     */
    public RelationHead(HeadContext context, Set<HeadInput> inputs) {
        this.context = context;
        this.inputs = inputs;
        this.labels = new LabelIndex(context.task(), context.labels());
    }

    @Override
    public Set<HeadInput> inputs() {
        return inputs;
    }

    @Override
    public List<ParameterSpec> parameters() {
        return ParameterSpec.linear(context.hiddenSize(), labels.size());
    }

    @Override
    public Integer encodeTarget(Target target, TokenizedTexts texts) {
        return labels.indexOf(((Target.Category) target).label());
    }

    @Override
    public Tensor forward(Parameters parameters, HeadInputs given, Mode mode) {
        var read = new ArrayList<Tensor>();
        if (inputs.contains(HeadInput.PAIR)) {
            read.add(given.pair());
        }
        if (inputs.contains(HeadInput.SENTENCES)) {
            var sentences = given.sentences();
            read.add(sentences.select(1, 0).mul(sentences.select(1, 1)));
        }
        return read.stream()
                .reduce(Tensor::add)
                .orElseThrow()
                .linear(parameters.get("weight"), parameters.get("bias"));
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<Integer> targets) {
        var classes = targets.stream().mapToLong(Integer::longValue).toArray();
        return logits.crossEntropy(Tensors.of(classes, classes.length).to(logits.device()));
    }

    /**
     * The label of two texts.
     *
     * @param logits of all labels
     */
    public record Related(String label, List<Float> logits) implements Prediction {
        @Override
        public Map<String, Object> toJson() {
            return Map.of("label", label, "logits", logits);
        }

        @Override
        public String toText() {
            return label;
        }
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var predictions = new ArrayList<Related>();
        for (var row : logits.toFloatRows()) {
            var values = new ArrayList<Float>();
            for (float value : row) {
                values.add(value);
            }
            predictions.add(
                    new Related(labels.label(LabelIndex.argmax(row, 0, row.length)), values));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new Accuracy();
    }

    @Override
    public String primaryMetric() {
        return "accuracy";
    }
}
