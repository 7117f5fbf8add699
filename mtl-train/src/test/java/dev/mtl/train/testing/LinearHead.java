package dev.mtl.train.testing;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Dropout and a linear layer, on sentences or on tokens; a tag of "-" is no label. The trainer
 * knows no head by name, so its tests bring one.
 */
public final class LinearHead implements TaskHead {
    private final HeadContext context;
    private final double dropout;
    private final boolean tokens;

    public LinearHead(HeadContext context, double dropout, boolean tokens) {
        this.context = context;
        this.dropout = dropout;
        this.tokens = tokens;
    }

    @Override
    public HeadInput input() {
        return tokens ? HeadInput.TOKENS : HeadInput.SENTENCE;
    }

    @Override
    public List<ParameterSpec> parameters() {
        return ParameterSpec.linear(context.hiddenSize(), context.labels().size());
    }

    @Override
    public Tensor forward(Parameters parameters, Tensor input, Mode mode) {
        return mode.dropout(input, dropout)
                .linear(parameters.get("weight"), parameters.get("bias"));
    }

    /** The class of each token, or of each text. */
    private long[] classes(List<Encoding> encodings, List<Target> targets, int length) {
        if (!tokens) {
            return targets.stream()
                    .mapToLong(t -> context.labels().indexOf(((Target.Category) t).label()))
                    .toArray();
        }
        var classes = new long[targets.size() * length];
        Arrays.fill(classes, Losses.IGNORE_INDEX);
        for (int row = 0; row < targets.size(); row++) {
            var tags = ((Target.Tags) targets.get(row)).tags();
            var words = encodings.get(row).wordIds();
            for (int i = 0; i < words.length; i++) {
                if (words[i] >= 0 && !tags.get(words[i]).equals("-")) {
                    classes[row * length + i] = context.labels().indexOf(tags.get(words[i]));
                }
            }
        }
        return classes;
    }

    @Override
    public double lossNormalizer(List<Encoding> encodings, List<Target> targets) {
        int length = encodings.stream().mapToInt(Encoding::length).max().orElse(0);
        return Arrays.stream(classes(encodings, targets, length)).filter(c -> c >= 0).count();
    }

    @Override
    public List<String> unknownLabels(Target target) {
        return switch (target) {
            case Target.Category(var label) when !context.labels().contains(label) ->
                    List.of(label);
            case Target.Category _, Target.Tags _ -> List.of();
            default -> throw new IllegalArgumentException("takes a label or tags");
        };
    }

    @Override
    public Tensor loss(Tensor logits, HeadBatch batch, List<Target> targets) {
        var classes = classes(batch.tokens().encodings(), targets, batch.tokens().length());
        return logits.view(-1, context.labels().size())
                .crossEntropy(Tensors.of(classes, classes.length).to(logits.device()));
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
    public List<? extends Prediction> predict(Tensor logits, HeadBatch batch) {
        var best = (tokens ? logits.select(1, 0) : logits).argmax(-1).toLongs();
        var said = new ArrayList<Said>();
        for (long index : best) {
            said.add(new Said(context.labels().get((int) index)));
        }
        return said;
    }

    @Override
    public Metric newMetric() {
        return new Metric() {
            private int right;
            private int all;

            @Override
            public boolean add(Prediction prediction, Target target) {
                boolean correct =
                        target instanceof Target.Category c
                                && c.label().equals(((Said) prediction).label());
                right += correct ? 1 : 0;
                all++;
                return correct;
            }

            @Override
            public Map<String, Double> scores() {
                return Map.of("accuracy", all == 0 ? 0.0 : (double) right / all);
            }
        };
    }

    @Override
    public String primaryMetric() {
        return "accuracy";
    }
}
