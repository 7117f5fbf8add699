package dev.mtl.heads.regression;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.head.LinearTaskHead;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pipeline.ValuePrediction;
import dev.mtl.heads.Probabilities;
import dev.mtl.heads.TextVector;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Dropout and one linear layer on the {@link TextVector} of a text, or of two texts read together:
 * {@code [B, H]} to values {@code [B, K]}.
 */
final class RegressionHead extends LinearTaskHead<Wanted> {
    private final RegressionProvider.Settings settings;
    private final HeadContext context;
    private final TextVector vector;
    private final int width;

    RegressionHead(HeadInput input, RegressionProvider.Settings settings, HeadContext context) {
        super(input, context, settings.dropout());
        this.settings = settings;
        this.context = context;
        this.vector = new TextVector(input, settings.pooler(), context);
        this.width = context.labels().size();
        if (width == 0) {
            throw new IllegalArgumentException(
                    "task '" + context.task() + "' has no values to learn");
        }
        if (width > 1 && settings.loss().takesOneValue()) {
            throw new IllegalArgumentException(
                    "loss "
                            + settings.loss()
                            + " takes one value for each text, the training data has "
                            + width);
        }
    }

    @Override
    public Set<HeadInput> inputs() {
        return vector.inputs();
    }

    @Override
    public List<ParameterSpec> parameters() {
        return vector.parameters();
    }

    @Override
    public Optional<LinearForm> linear() {
        return vector.linear();
    }

    @Override
    protected Tensor read(Parameters parameters, HeadInputs inputs) {
        return vector.read(parameters, inputs);
    }

    @Override
    public boolean comparesExamples() {
        return groupsExamples();
    }

    @Override
    public boolean groupsExamples() {
        return settings.loss().ranking().isPresent();
    }

    static List<Double> values(Target target) {
        if (target instanceof Target.Values values) {
            return values.values();
        }
        throw new IllegalArgumentException(
                "regression takes numbers for each text, not " + target.getClass().getSimpleName());
    }

    @Override
    public Wanted encodeTarget(Target target, TokenizedTexts texts) {
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
            settings.loss().check(values.get(i));
            encoded[i] = values.get(i).floatValue();
        }
        return new Wanted(encoded, texts.texts().getFirst().text());
    }

    /** Of losses that compare texts: what they are a mean of. */
    @Override
    public double lossNormalizer(List<Wanted> targets) {
        return settings.loss()
                .ranking()
                .map(
                        ranking ->
                                groups(targets).stream()
                                        .mapToDouble(group -> ranking.items(values(targets), group))
                                        .sum())
                .orElseGet(() -> super.lossNormalizer(targets));
    }

    private static Collection<int[]> groups(List<Wanted> targets) {
        return RankingLoss.groups(targets.stream().map(Wanted::query).toList());
    }

    /** The values of all texts, row by row. */
    private float[] values(List<Wanted> targets) {
        var values = new float[targets.size() * width];
        for (int row = 0; row < targets.size(); row++) {
            System.arraycopy(targets.get(row).values(), 0, values, row * width, width);
        }
        return values;
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<Wanted> targets) {
        var wanted = values(targets);
        var ranking = settings.loss().ranking();
        if (ranking.isPresent()) {
            // nothing to compare, and nothing to learn
            return lossNormalizer(targets) == 0
                    ? logits.sum().mul(0)
                    : ranking.get().mean(logits.select(1, 0), wanted, groups(targets));
        }
        var target = Tensors.of(wanted, targets.size(), width).to(logits.device());
        return switch (settings.loss()) {
            case HUBER -> logits.huberLoss(target, Losses.Reduction.MEAN, settings.huberDelta());
            case BINARY -> logits.binaryCrossEntropyWithLogits(target, Losses.Reduction.MEAN);
            case MSE, MARGIN_MSE, LISTNET, LAMBDA -> logits.mseLoss(target, Losses.Reduction.MEAN);
        };
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var predictions = new ArrayList<Figures>();
        var rows = logits.toFloatRows();
        for (int i = 0; i < rows.length; i++) {
            var values = new ArrayList<Double>(rows[i].length);
            for (float value : rows[i]) {
                values.add(
                        settings.loss() == RegressionProvider.Loss.BINARY
                                ? Probabilities.sigmoid(value)
                                : value);
            }
            predictions.add(
                    new Figures(values, batch.texts().get(i * batch.textsPerExample()).text()));
        }
        return predictions;
    }

    /**
     * The values of a text.
     *
     * @param query the first of two texts, by which a metric ranks the second ones
     */
    record Figures(List<Double> values, String query) implements ValuePrediction {
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
        return switch (settings.loss()) {
            case MSE, HUBER -> new CorrelationMetric(width);
            case BINARY -> new BinaryMetric();
            case MARGIN_MSE, LISTNET, LAMBDA -> new RankingMetric();
        };
    }

    @Override
    public String primaryMetric() {
        return switch (settings.loss()) {
            case MSE, HUBER -> "pearson";
            case BINARY -> "average_precision";
            case MARGIN_MSE, LISTNET, LAMBDA -> "ndcg_at_10";
        };
    }
}
