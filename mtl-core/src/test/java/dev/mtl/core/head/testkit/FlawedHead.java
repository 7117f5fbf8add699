package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.testkit.FlawedProvider.Flaw;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A tag for each token, from the token's embedding and from the mean over all tokens of the text:
 * {@code [B, S, C]}.
 */
final class FlawedHead implements TaskHead<int[]> {
    private final Flaw flaw;
    private final HeadContext context;
    private final LabelIndex labels;

    FlawedHead(Flaw flaw, HeadContext context) {
        this.flaw = flaw;
        this.context = context;
        this.labels = new LabelIndex(context.task(), context.labels());
    }

    @Override
    public Set<HeadInput> inputs() {
        return Set.of(HeadInput.TOKENS);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return ParameterSpec.linear(context.hiddenSize(), labels.size());
    }

    @Override
    public Optional<LinearForm> linear() {
        return flaw == Flaw.DECLARES_ITSELF_LINEAR
                ? Optional.of(LinearForm.of(HeadInput.TOKENS))
                : Optional.empty();
    }

    /** The tag of each token's word, -1 for tokens of no word. */
    @Override
    public int[] encodeTarget(Target target, TokenizedTexts texts) {
        if (flaw != Flaw.TARGETS_ARE_CAST && !(target instanceof Target.Tags)) {
            throw new IllegalArgumentException("takes a tag for each word");
        }
        var tags = labels.indicesOf(((Target.Tags) target).tags());
        return Arrays.stream(texts.encodings().getFirst().wordIds())
                .map(word -> word < 0 ? -1 : tags[word])
                .toArray();
    }

    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        var tokens = inputs.tokens();
        var mask = inputs.batch().tokens().attentionMask();
        var weights = flaw == Flaw.PADDING_LEAKS ? Tensors.scalar(1).expand(mask.shape()) : mask;
        var column = weights.unsqueeze(2);
        var mean = tokens.mul(column).sumKeepingDims(1).div(column.sumKeepingDims(1));
        if (flaw == Flaw.USES_THE_BATCH_MEAN) {
            mean = mean.sumKeepingDims(0).div(mean.size(0));
        }
        return tokens.add(mean).linear(parameters.get("weight"), parameters.get("bias"));
    }

    @Override
    public double lossNormalizer(List<int[]> targets) {
        double count =
                targets.stream().flatMapToInt(Arrays::stream).filter(tag -> tag >= 0).count();
        return switch (flaw) {
            case NORMALIZER_COUNTS_TEXTS -> targets.size();
            case NORMALIZER_IS_NOT_ADDITIVE -> 1;
            default -> count;
        };
    }

    @Override
    public Tensor loss(Parameters parameters, Tensor logits, HeadBatch batch, List<int[]> targets) {
        int length = batch.tokens().length();
        var classes = new long[targets.size() * length];
        Arrays.fill(classes, Losses.IGNORE_INDEX);
        for (int row = 0; row < targets.size(); row++) {
            var tags = targets.get(row);
            for (int i = 0; i < tags.length; i++) {
                classes[row * length + i] = tags[i] < 0 ? Losses.IGNORE_INDEX : tags[i];
            }
        }
        var kept = flaw == Flaw.LOSS_WITHOUT_GRADIENT ? logits.detach().add(logits.mul(0)) : logits;
        return kept.reshape(-1, labels.size())
                .crossEntropy(
                        Tensors.of(classes, classes.length),
                        null,
                        flaw == Flaw.LOSS_IS_A_SUM ? Losses.Reduction.SUM : Losses.Reduction.MEAN,
                        0);
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        if (flaw == Flaw.KEEPS_A_TENSOR) {
            TensorScope.shared().take(logits.copy());
        }
        var values = logits.toFloats();
        var predictions = new ArrayList<Said>();
        for (int row = 0; row < batch.size(); row++) {
            var tags = new ArrayList<Object>();
            var wordIds = batch.tokens().encodings().get(row).wordIds();
            for (int i = 0; i < wordIds.length; i++) {
                int start = (row * batch.tokens().length() + i) * labels.size();
                if (wordIds[i] >= 0) {
                    tags.add(labels.label(LabelIndex.argmax(values, start, labels.size())));
                    tags.add(values[start]);
                }
            }
            predictions.add(
                    new Said(flaw == Flaw.PREDICTS_TENSOR_TYPES ? List.of(new float[1]) : tags));
        }
        return flaw == Flaw.ONE_PREDICTION_TOO_FEW
                ? predictions.subList(1, predictions.size())
                : predictions;
    }

    private record Said(List<Object> tags) implements Prediction {
        @Override
        public Map<String, Object> toJson() {
            return Map.of("tags", tags);
        }

        @Override
        public String toText() {
            return tags.toString();
        }
    }

    @Override
    public Metric newMetric() {
        return new Metric() {
            private double count;

            @Override
            public boolean add(Prediction prediction, Target target) {
                count++;
                return true;
            }

            @Override
            public Map<String, Double> scores() {
                return Map.of("count", count);
            }
        };
    }

    @Override
    public String primaryMetric() {
        return flaw == Flaw.UNKNOWN_PRIMARY_METRIC ? "accuracy" : "count";
    }
}
