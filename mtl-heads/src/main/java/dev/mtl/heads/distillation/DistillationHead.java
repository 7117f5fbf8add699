package dev.mtl.heads.distillation;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TextArity;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.distillation.DistillationProvider.Loss;
import dev.mtl.heads.distillation.DistillationProvider.Similarity;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Learns from the sentence embeddings of a teacher, by the mean squared error of embeddings {@code
 * [B, K, D]}, or of margins {@code [B, K - 2]}. If the teacher's embeddings have another size, a
 * linear layer, {@code projection}, brings the student's to it; it belongs to the head, and the
 * model's own embeddings stay as they are.
 */
final class DistillationHead implements TaskHead<List<float[]>> {
    /** Of embeddings of length 0. */
    private static final double LEAST_NORM = 1e-8;

    private final DistillationProvider.Settings settings;
    private final int size;
    private final int teacherSize;

    DistillationHead(DistillationProvider.Settings settings, int size) {
        this.settings = settings;
        this.size = size;
        this.teacherSize = settings.teacherSize() == null ? size : settings.teacherSize();
    }

    private boolean ofMargins() {
        return settings.loss() == Loss.MARGIN_MSE;
    }

    private boolean projects() {
        return !ofMargins() && teacherSize != size;
    }

    /** What a teacher says of an example: its embeddings, or its margins as the only element. */
    private List<float[]> wanted(Target target) {
        if (!(target instanceof Target.Taught(var _, var embeddings))) {
            return List.of();
        }
        return ofMargins() ? List.of(margins(similarities(embeddings))) : embeddings;
    }

    /** What the teacher says, from where it must have been asked. */
    List<float[]> required(Target target) {
        var wanted = wanted(target);
        if (wanted.isEmpty()) {
            throw new IllegalArgumentException(
                    "distillation compares with the embeddings of its teacher, and there are none");
        }
        return wanted;
    }

    /** Of the first text and each other one. */
    private float[] similarities(List<float[]> embeddings) {
        var first = embeddings.getFirst();
        var similarities = new float[embeddings.size() - 1];
        for (int i = 0; i < similarities.length; i++) {
            var other = embeddings.get(i + 1);
            similarities[i] =
                    (float)
                            (settings.similarity() == Similarity.DOT
                                    ? dot(first, other)
                                    : cosine(first, other));
        }
        return similarities;
    }

    /** How much larger the first figure is than each other one. */
    static float[] margins(float[] similarities) {
        var margins = new float[similarities.length - 1];
        for (int i = 0; i < margins.length; i++) {
            margins[i] = similarities[0] - similarities[i + 1];
        }
        return margins;
    }

    static double cosine(float[] a, float[] b) {
        double norms = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
        return dot(a, b) / Math.max(norms, LEAST_NORM);
    }

    private static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> (double) a[i] * b[i]).sum();
    }

    @Override
    public Set<HeadInput> inputs() {
        return Set.of(HeadInput.SENTENCES);
    }

    @Override
    public TextArity textArity() {
        return new TextArity(ofMargins() ? 3 : 1, Integer.MAX_VALUE);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return projects()
                ? ParameterSpec.linear(size, teacherSize).stream()
                        .map(
                                spec ->
                                        new ParameterSpec(
                                                "projection." + spec.name(),
                                                spec.shape(),
                                                spec.initializer()))
                        .toList()
                : List.of();
    }

    /** Embeddings {@code [B, K, D]}, or similarities of the first text {@code [B, K - 1]}. */
    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        var embeddings = inputs.sentences();
        if (ofMargins()) {
            var first = embeddings.slice(1, 0, 1);
            var others = embeddings.slice(1, 1, embeddings.size(1));
            return settings.similarity() == Similarity.DOT
                    ? first.mul(others).sum(2)
                    : first.cosineSimilarity(others, 2);
        }
        return projects()
                ? embeddings.linear(
                        parameters.get("projection.weight"), parameters.get("projection.bias"))
                : embeddings;
    }

    @Override
    public List<float[]> encodeTarget(Target target, TokenizedTexts texts) {
        return wanted(target);
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<List<float[]>> targets) {
        var own =
                ofMargins()
                        ? logits.slice(1, 0, 1).sub(logits.slice(1, 1, logits.size(1)))
                        : logits;
        int row = Math.toIntExact(own.numel()) / targets.size();
        var wanted = new float[targets.size() * row];
        int next = 0;
        for (var target : targets) {
            for (var part : target) {
                System.arraycopy(part, 0, wanted, next, part.length);
                next += part.length;
            }
        }
        return own.mseLoss(Tensors.of(wanted, own.shape()).to(own.device()), Losses.Reduction.MEAN);
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var predictions = new ArrayList<Distilled>();
        if (ofMargins()) {
            for (var row : logits.toFloatRows()) {
                predictions.add(new Distilled(true, List.of(row)));
            }
            return predictions;
        }
        int texts = Math.toIntExact(logits.size(1));
        var rows = List.of(logits.reshape(-1, logits.size(2)).toFloatRows());
        for (int i = 0; i < rows.size(); i += texts) {
            predictions.add(new Distilled(false, rows.subList(i, i + texts)));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new DistillationMetric(this, ofMargins());
    }

    @Override
    public String primaryMetric() {
        return ofMargins() ? DistillationMetric.CORRELATION : DistillationMetric.COSINE;
    }
}
