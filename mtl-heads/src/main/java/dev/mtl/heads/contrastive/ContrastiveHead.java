package dev.mtl.heads.contrastive;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.Matryoshka;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Multiple negatives ranking (Henderson et al. 2017, arXiv 1705.00652; {@code
 * MultipleNegativesRankingLoss} of sentence-transformers): an example is an anchor, a positive, and
 * perhaps hard negatives; the anchor is trained to be closest to its positive among all positives
 * and negatives of the batch. Cross-entropy over scaled cosines. The head has no parameters: only
 * the backbone learns.
 *
 * <p>If the data has a label for each example, texts of other examples with the same label are not
 * used as negatives.
 */
final class ContrastiveHead implements TaskHead<String> {
    private final ContrastiveProvider.Settings settings;
    private final List<Integer> dimensions;
    private final String task;

    ContrastiveHead(ContrastiveProvider.Settings settings, String task) {
        this.settings = settings;
        this.dimensions = Matryoshka.parse(settings.matryoshka());
        this.task = task;
    }

    /** A target must be empty, or the label of a group. */
    static void requireGroup(Target target) {
        if (!(target instanceof Target.Unlabelled) && !(target instanceof Target.Category)) {
            throw new IllegalArgumentException(
                    "contrastive takes texts alone (data.kind: none), or a label for each example,"
                            + " not "
                            + target.getClass().getSimpleName());
        }
    }

    @Override
    public Set<HeadInput> inputs() {
        return Set.of(HeadInput.SENTENCES);
    }

    @Override
    public boolean comparesExamples() {
        return true;
    }

    /** Embeddings of length 1: {@code [B, K, H]}. */
    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        var input = inputs.sentences();
        if (input.size(1) < 2) {
            throw new IllegalArgumentException(
                    "task '" + task + "' takes an anchor and its text at least");
        }
        return normalized(input);
    }

    private static Tensor normalized(Tensor input) {
        var norms = input.square().sumKeepingDims(2).sqrt();
        return input.div(norms.maximum(Tensors.scalar(1e-12f).to(input.device())));
    }

    /** The label of the example's group, empty if it has none. */
    @Override
    public String encodeTarget(Target target, TokenizedTexts texts) {
        requireGroup(target);
        return target instanceof Target.Category(var label) ? label : "";
    }

    @Override
    public Tensor loss(Parameters parameters, Tensor logits, HeadBatch batch, List<String> labels) {
        var loss = loss(logits, batch, labels);
        for (int each : dimensions) {
            loss = loss.add(loss(normalized(logits.slice(2, 0, each)), batch, labels));
        }
        return loss;
    }

    private Tensor loss(Tensor logits, HeadBatch batch, List<String> labels) {
        int examples = labels.size();
        int others = Math.toIntExact(logits.size(1)) - 1;
        var anchors = logits.select(1, 0);
        // First the positives, then the hard negatives: text i is the positive of anchor i.
        var candidates = new ArrayList<Tensor>();
        for (int text = 1; text <= others; text++) {
            candidates.add(logits.select(1, text));
        }
        var cosines = anchors.matmul(Tensors.cat(candidates, 0).transpose(0, 1));
        var mask = sameLabel(labels, others);
        if (settings.skipDuplicates()) {
            maskDuplicates(mask, batch, examples, others);
        }
        if (settings.falseNegativeMargin() != null) {
            maskNearer(mask, cosines, settings.falseNegativeMargin());
        }
        var scores =
                cosines.mul(settings.scale())
                        .add(
                                Tensors.of(mask, examples, (long) examples * others)
                                        .to(logits.device()));
        var own = new long[examples];
        Arrays.setAll(own, i -> i);
        var classes = Tensors.of(own, examples).to(logits.device());
        var forward = scores.crossEntropy(classes);
        return settings.symmetric()
                ? scores.slice(1, 0, examples)
                        .transpose(0, 1)
                        .crossEntropy(classes)
                        .add(forward)
                        .mul(0.5)
                : forward;
    }

    /** Texts that are an example's anchor or its own text again. */
    private static void maskDuplicates(float[] mask, HeadBatch batch, int examples, int others) {
        var texts = batch.texts();
        int each = others + 1;
        for (int anchor = 0; anchor < examples; anchor++) {
            var first = texts.get(anchor * each).text();
            var own = texts.get(anchor * each + 1).text();
            for (int other = 0; other < others; other++) {
                for (int example = 0; example < examples; example++) {
                    var text = texts.get(example * each + 1 + other).text();
                    boolean isOwn = other == 0 && example == anchor;
                    if (!isOwn && (text.equals(first) || text.equals(own))) {
                        int column = other * examples + example;
                        mask[anchor * examples * others + column] = Float.NEGATIVE_INFINITY;
                    }
                }
            }
        }
    }

    /** Texts that the encoder as it is finds nearer to the anchor than the own text. */
    private static void maskNearer(float[] mask, Tensor cosines, double margin) {
        var rows = cosines.detach().toFloatRows();
        for (int anchor = 0; anchor < rows.length; anchor++) {
            for (int column = 0; column < rows[anchor].length; column++) {
                if (column != anchor && rows[anchor][column] > rows[anchor][anchor] + margin) {
                    mask[anchor * rows[anchor].length + column] = Float.NEGATIVE_INFINITY;
                }
            }
        }
    }

    /** {@code [B, B * others]}: minus infinity where a text must not be a negative, else 0. */
    private static float[] sameLabel(List<String> labels, int others) {
        int examples = labels.size();
        var mask = new float[examples * examples * others];
        for (int anchor = 0; anchor < examples; anchor++) {
            var label = labels.get(anchor);
            for (int other = 0; other < examples; other++) {
                if (other != anchor && !label.isEmpty() && label.equals(labels.get(other))) {
                    mask[anchor * examples * others + other] = Float.NEGATIVE_INFINITY;
                }
            }
        }
        return mask;
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        int texts = Math.toIntExact(logits.size(1));
        var rows = logits.reshape(-1, logits.size(2)).toFloatRows();
        var predictions = new ArrayList<Pair>();
        for (int i = 0; i < rows.length; i += texts) {
            predictions.add(new Pair(rows[i], rows[i + 1]));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new RetrievalMetric();
    }

    @Override
    public String primaryMetric() {
        return "mrr";
    }
}
