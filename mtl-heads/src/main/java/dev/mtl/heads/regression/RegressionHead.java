package dev.mtl.heads.regression;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.LinearTaskHead;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pipeline.ValuePrediction;
import dev.mtl.heads.Probabilities;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Dropout and one linear layer on the sentence embedding, or on that of two texts read together:
 * {@code [B, H]} to values {@code [B, K]}.
 */
final class RegressionHead extends LinearTaskHead<float[]> {
    private final RegressionProvider.Settings settings;
    private final HeadContext context;
    private final int width;

    RegressionHead(HeadInput input, RegressionProvider.Settings settings, HeadContext context) {
        super(input, context, settings.dropout());
        this.settings = settings;
        this.context = context;
        this.width = context.labels().size();
        if (width == 0) {
            throw new IllegalArgumentException(
                    "task '" + context.task() + "' has no values to learn");
        }
    }

    static List<Double> values(Target target) {
        if (target instanceof Target.Values values) {
            return values.values();
        }
        throw new IllegalArgumentException(
                "regression takes numbers for each text, not " + target.getClass().getSimpleName());
    }

    @Override
    public float[] encodeTarget(Target target, TokenizedTexts texts) {
        var values = values(target);
        if (values.size() != width) {
            throw new IllegalArgumentException(
                    "task '"
                            + context.task()
                            + "': a text has "
                            + values.size()
                            + " values, the training data has "
                            + width);
        }
        var encoded = new float[width];
        for (int i = 0; i < width; i++) {
            encoded[i] = values.get(i).floatValue();
        }
        return encoded;
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<float[]> targets) {
        var wanted = new float[targets.size() * width];
        for (int row = 0; row < targets.size(); row++) {
            System.arraycopy(targets.get(row), 0, wanted, row * width, width);
        }
        var target = Tensors.of(wanted, targets.size(), width).to(logits.device());
        return switch (settings.loss()) {
            case MSE -> logits.mseLoss(target, Losses.Reduction.MEAN);
            case HUBER -> logits.huberLoss(target, Losses.Reduction.MEAN, settings.huberDelta());
        };
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var predictions = new ArrayList<Figures>();
        for (var row : logits.toFloatRows()) {
            var values = new ArrayList<Double>(row.length);
            for (float value : row) {
                values.add((double) value);
            }
            predictions.add(new Figures(values));
        }
        return predictions;
    }

    /** The values of a text. */
    record Figures(List<Double> values) implements ValuePrediction {
        Figures {
            values = List.copyOf(values);
        }

        private List<Double> rounded() {
            return values.stream().map(Probabilities::rounded).toList();
        }

        @Override
        public Map<String, Object> toJson() {
            return values.size() == 1
                    ? Map.of("value", rounded().getFirst())
                    : Map.of("values", rounded());
        }

        @Override
        public String toText() {
            return String.join(", ", rounded().stream().map(String::valueOf).toList());
        }
    }

    @Override
    public Metric newMetric() {
        return new CorrelationMetric(width);
    }

    @Override
    public String primaryMetric() {
        return "pearson";
    }
}
