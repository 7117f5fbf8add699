package dev.mtl.heads.similarity;

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
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.Cosine;
import dev.mtl.heads.Matryoshka;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The cosine of two sentence embeddings: {@code [B, 2, H]} to {@code [B]}. The head has no
 * parameters: only the backbone learns.
 */
final class SimilarityHead implements TaskHead<Float> {
    /** Masks a pair of pairs whose order the data does not give: its exp is 0. */
    private static final double IGNORED = -1e12;

    private final SimilarityProvider.Settings settings;
    private final List<Integer> dimensions;
    private final String task;

    SimilarityHead(SimilarityProvider.Settings settings, String task) {
        this.settings = settings;
        this.dimensions = Matryoshka.parse(settings.matryoshka());
        this.task = task;
    }

    /** The score of a pair. */
    static double score(Target target) {
        if (target instanceof Target.Values(var values) && values.size() == 1) {
            return values.getFirst();
        }
        throw new IllegalArgumentException(
                "similarity takes one score for each pair of texts (data.kind: value), not "
                        + (target instanceof Target.Values(var values)
                                ? values.size()
                                : target.getClass().getSimpleName()));
    }

    @Override
    public Set<HeadInput> inputs() {
        return Set.of(HeadInput.SENTENCES);
    }

    @Override
    public TextArity textArity() {
        return TextArity.exactly(2);
    }

    @Override
    public boolean comparesExamples() {
        return settings.loss() == SimilarityProvider.Loss.COSENT;
    }

    /**
     * The cosines: {@code [B]}; in training {@code [1 + D, B]} if D other dimensions are trained.
     */
    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        var input = inputs.sentences();
        if (input.size(1) != 2) {
            throw new IllegalArgumentException(
                    "task '" + task + "' compares two texts, not " + input.size(1));
        }
        if (mode == Mode.EVALUATION || dimensions.isEmpty()) {
            return cosine(input);
        }
        var cosines = new ArrayList<Tensor>();
        cosines.add(cosine(input));
        dimensions.forEach(each -> cosines.add(cosine(input.slice(2, 0, each))));
        return Tensors.stack(cosines, 0);
    }

    private static Tensor cosine(Tensor pairs) {
        return pairs.select(1, 0).cosineSimilarity(pairs.select(1, 1), 1);
    }

    @Override
    public Float encodeTarget(Target target, TokenizedTexts texts) {
        double score = score(target);
        if (settings.loss() == SimilarityProvider.Loss.COSINE_MSE && !(Math.abs(score) <= 1)) {
            throw new IllegalArgumentException(
                    "loss cosine_mse takes scores that are cosines, -1 to 1, not "
                            + score
                            + ": divide those of a scale from 0 to 5 by 5, or take loss cosent,"
                            + " which learns their order only");
        }
        return (float) score;
    }

    @Override
    public Tensor loss(Parameters parameters, Tensor logits, HeadBatch batch, List<Float> targets) {
        var scores = new float[targets.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = targets.get(i);
        }
        if (logits.dim() == 1) {
            return loss(logits, scores);
        }
        var loss = loss(logits.select(0, 0), scores);
        for (int row = 1; row < logits.size(0); row++) {
            loss = loss.add(loss(logits.select(0, row), scores));
        }
        return loss;
    }

    private Tensor loss(Tensor logits, float[] scores) {
        return switch (settings.loss()) {
            case COSENT -> cosent(logits, scores);
            case COSINE_MSE ->
                    logits.mseLoss(
                            Tensors.of(scores, scores.length).to(logits.device()),
                            Losses.Reduction.MEAN);
        };
    }

    /** log(1 + sum of exp(scale (cos_j - cos_i)) over all i, j with score_i &gt; score_j). */
    private Tensor cosent(Tensor cosines, float[] scores) {
        int count = scores.length;
        var mask = new float[count * count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                mask[i * count + j] = scores[i] > scores[j] ? 0 : (float) IGNORED;
            }
        }
        var differences = cosines.unsqueeze(0).sub(cosines.unsqueeze(1)).mul(settings.scale());
        var counted = differences.add(Tensors.of(mask, count, count).to(cosines.device()));
        var zero = Tensors.of(new float[] {0}, 1).to(cosines.device());
        return Tensors.cat(List.of(zero, counted.reshape(-1)), 0).logsumexp(0);
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var predictions = new ArrayList<Cosine>();
        for (float cosine : logits.toFloats()) {
            predictions.add(new Cosine(cosine));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new SimilarityMetric();
    }

    @Override
    public String primaryMetric() {
        return "spearman";
    }
}
