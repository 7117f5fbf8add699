package dev.mtl.heads.classification;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.head.LinearTaskHead;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.CrossEntropy;
import dev.mtl.heads.EmptyText;
import dev.mtl.heads.TextVector;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Dropout and one linear layer on the {@link TextVector} of a text, or of two texts read together:
 * {@code [B, H]} to logits {@code [B, C]}; cross-entropy. Where texts are compared with the
 * embeddings of the training data, logits in evaluation mode have the embedding behind them: {@code
 * [B, C + H]}.
 */
final class ClassificationHead extends LinearTaskHead<Integer> {
    private final TextVector vector;
    private final ClassificationProvider.Settings settings;
    private final LabelIndex labels;
    private final CrossEntropy crossEntropy;

    ClassificationHead(
            HeadInput input, ClassificationProvider.Settings settings, HeadContext context) {
        super(input, context, settings.dropout());
        this.vector = new TextVector(input, settings.pooler(), context);
        this.settings = settings;
        this.labels = new LabelIndex(context.task(), context.labels());
        this.crossEntropy =
                new CrossEntropy(
                        labels,
                        settings.classWeights(),
                        settings.labelSmoothing(),
                        settings.focalGamma());
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
    public Set<HeadInput> inputs() {
        return vector.inputs();
    }

    @Override
    public List<ParameterSpec> parameters() {
        var linear = vector.parameters();
        return settings.reject().readsEmbeddings()
                ? Stream.concat(
                                linear.stream(),
                                LabelGaussians.parameters(labels.size(), vector.width()).stream())
                        .toList()
                : linear;
    }

    @Override
    public Optional<LinearForm> linear() {
        return settings.reject().readsEmbeddings() ? Optional.empty() : vector.linear();
    }

    @Override
    protected Tensor read(Parameters parameters, HeadInputs inputs) {
        return vector.read(parameters, inputs);
    }

    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        var logits = super.forward(parameters, inputs, mode);
        return settings.reject().readsEmbeddings() && mode == Mode.EVALUATION
                ? Tensors.cat(List.of(logits, read(parameters, inputs)), 1)
                : logits;
    }

    /** The logits of the labels alone: {@code [B, C]}. */
    private Tensor ofLabels(Tensor logits) {
        return settings.reject().readsEmbeddings() ? logits.slice(1, 0, labels.size()) : logits;
    }

    /** The label's index; texts that have none of the labels do not count in the loss. */
    @Override
    public Integer encodeTarget(Target target, TokenizedTexts texts) {
        var label = category(target).label();
        return settings.reject().isOutOfScope(label)
                ? (int) Losses.IGNORE_INDEX
                : labels.indexOf(label);
    }

    @Override
    public double lossNormalizer(List<Integer> targets) {
        return targets.stream()
                .filter(target -> target != Losses.IGNORE_INDEX)
                .mapToDouble(crossEntropy::weight)
                .sum();
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<Integer> targets) {
        return crossEntropy.loss(ofLabels(logits), classes(targets));
    }

    private static long[] classes(List<Integer> targets) {
        return targets.stream().mapToLong(Integer::longValue).toArray();
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
            List<Integer> targets) {
        return crossEntropy.divergence(ofLabels(logits), ofLabels(again), classes(targets));
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var reject = settings.reject();
        var rows = ofLabels(logits).toFloatRows();
        var distances = new double[rows.length];
        var embeddings = new float[rows.length] @Nullable [];
        if (reject.readsEmbeddings()) {
            int width = labels.size();
            var own = logits.slice(1, width, width + vector.width());
            distances = LabelGaussians.distances(parameters, own);
            embeddings = reject.threshold() == null ? own.toFloatRows() : embeddings;
        }
        var predictions = new ArrayList<Classified>(rows.length);
        for (int i = 0; i < rows.length; i++) {
            predictions.add(
                    new Classified(
                            labels,
                            settings,
                            rows[i],
                            distances[i],
                            embeddings[i],
                            EmptyText.is(batch, i)));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new LabelMetric(labels.labels(), settings);
    }

    @Override
    public String primaryMetric() {
        return "accuracy";
    }
}
