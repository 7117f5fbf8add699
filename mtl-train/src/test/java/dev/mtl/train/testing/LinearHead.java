package dev.mtl.train.testing;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Dropout and a linear layer, on sentences or on tokens; a tag of "-" is no label. The trainer
 * knows no head by name, so its tests bring one.
 */
public class LinearHead implements TaskHead<long[]> {
    private final HeadContext context;
    private final double dropout;
    private final boolean tokens;

    public LinearHead(HeadContext context, double dropout, boolean tokens) {
        this.context = context;
        this.dropout = dropout;
        this.tokens = tokens;
    }

    @Override
    public Set<HeadInput> inputs() {
        return Set.of(tokens ? HeadInput.TOKENS : HeadInput.SENTENCE);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return ParameterSpec.linear(context.hiddenSize(), context.labels().size());
    }

    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        return mode.dropout(tokens ? inputs.tokens() : inputs.sentence(), dropout)
                .linear(parameters.get("weight"), parameters.get("bias"));
    }

    /** The class of the text, or of each token. */
    @Override
    public long[] encodeTarget(Target target, TokenizedTexts texts) {
        return switch (target) {
            case Target.Category(var label) when !context.labels().contains(label) ->
                    throw new UnknownLabelsException(List.of(label));
            case Target.Category(var label) -> new long[] {context.labels().indexOf(label)};
            case Target.Tags(var tags) ->
                    Arrays.stream(texts.encodings().getFirst().wordIds())
                            .mapToLong(word -> word < 0 ? Losses.IGNORE_INDEX : tag(tags.get(word)))
                            .toArray();
            default -> throw new IllegalArgumentException("takes a label or tags");
        };
    }

    private long tag(String tag) {
        return tag.equals("-") ? Losses.IGNORE_INDEX : context.labels().indexOf(tag);
    }

    @Override
    public double lossNormalizer(List<long[]> targets) {
        return targets.stream().flatMapToLong(Arrays::stream).filter(c -> c >= 0).count();
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<long[]> targets) {
        var classes = classes(logits, targets);
        return logits.view(-1, context.labels().size())
                .crossEntropy(Tensors.of(classes, classes.length).to(logits.device()));
    }

    private long[] classes(Tensor logits, List<long[]> targets) {
        int length = tokens ? Math.toIntExact(logits.size(1)) : 1;
        var classes = new long[targets.size() * length];
        Arrays.fill(classes, Losses.IGNORE_INDEX);
        for (int row = 0; row < targets.size(); row++) {
            System.arraycopy(targets.get(row), 0, classes, row * length, targets.get(row).length);
        }
        return classes;
    }

    @Override
    public boolean hasDivergence() {
        return true;
    }

    @Override
    public Tensor divergence(
            Parameters parameters,
            Tensor logits,
            Tensor again,
            HeadBatch batch,
            List<long[]> targets) {
        var classes = classes(logits, targets);
        var counts = new float[classes.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = classes[i] < 0 ? 0 : 1;
        }
        return logits.symmetricDivergence(again)
                .view(-1)
                .mul(Tensors.of(counts, counts.length).to(logits.device()))
                .sum()
                .div(lossNormalizer(targets));
    }

    private record Said(String label) implements Prediction {
        @Override
        public Map<String, Object> toJson() {
            return Map.of("label", label);
        }

        @Override
        public String toText() {
            return label;
        }
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var best = (tokens ? logits.select(1, 0) : logits).argmax(-1).toLongs();
        var said = new ArrayList<Said>();
        for (long index : best) {
            said.add(new Said(context.labels().get((int) index)));
        }
        return said;
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
