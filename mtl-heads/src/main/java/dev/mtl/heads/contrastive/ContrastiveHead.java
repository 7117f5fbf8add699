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
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Multiple negatives ranking (Henderson et al. 2017, arXiv 1705.00652; {@code
 * MultipleNegativesRankingLoss} of sentence-transformers): an example is an anchor, a positive, and
 * perhaps hard negatives; the anchor is trained to be closest to its positive among all positives
 * and negatives of the batch. Cross-entropy over scaled cosines. The head has no parameters: only
 * the backbone learns.
 *
 * <p>If the data has a label for each example, texts of other examples with the same label are not
 * used as negatives. Nor are texts that a guide finds nearer to the anchor than its positive
 * (GISTEmbed, Solatorio 2024, arXiv 2402.16829).
 */
final class ContrastiveHead implements TaskHead<ContrastiveHead.Group> {
    private static final float LEAST_NORM = 1e-12f;

    private final ContrastiveProvider.Settings settings;
    private final List<Integer> dimensions;
    private final String task;

    ContrastiveHead(ContrastiveProvider.Settings settings, String task) {
        this.settings = settings;
        this.dimensions = Matryoshka.parse(settings.matryoshka());
        this.task = task;
    }

    /**
     * What an example brings besides its texts.
     *
     * @param label of its group, empty if it has none
     * @param guide the guide's embedding of each text, of length 1; empty without a guide
     */
    record Group(String label, List<float[]> guide) {
        Group {
            guide = List.copyOf(guide);
        }
    }

    /** A target must be empty, or the label of a group. */
    static void requireGroup(Target target) {
        if (target instanceof Target.Taught(var own, var _)) {
            requireGroup(own);
        } else if (!(target instanceof Target.Unlabelled) && !(target instanceof Target.Category)) {
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
        return input.div(norms.maximum(Tensors.scalar(LEAST_NORM).to(input.device())));
    }

    @Override
    public Group encodeTarget(Target target, TokenizedTexts texts) {
        requireGroup(target);
        return switch (target) {
            case Target.Taught(var own, var embeddings) ->
                    new Group(
                            encodeTarget(own, texts).label(),
                            embeddings.stream().map(ContrastiveHead::unit).toList());
            case Target.Category(var label) -> new Group(label, List.of());
            default -> new Group("", List.of());
        };
    }

    private static float[] unit(float[] embedding) {
        double squares = 0;
        for (float value : embedding) {
            squares += (double) value * value;
        }
        double norm = Math.max(Math.sqrt(squares), LEAST_NORM);
        var unit = new float[embedding.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (embedding[i] / norm);
        }
        return unit;
    }

    @Override
    public Tensor loss(Parameters parameters, Tensor logits, HeadBatch batch, List<Group> groups) {
        var loss = loss(logits, batch, groups);
        for (int each : dimensions) {
            loss = loss.add(loss(normalized(logits.slice(2, 0, each)), batch, groups));
        }
        return loss;
    }

    private Tensor loss(Tensor logits, HeadBatch batch, List<Group> groups) {
        int examples = groups.size();
        int others = Math.toIntExact(logits.size(1)) - 1;
        var anchors = logits.select(1, 0);
        // First the positives, then the hard negatives: text i is the positive of anchor i.
        var candidates = new ArrayList<Tensor>();
        for (int text = 1; text <= others; text++) {
            candidates.add(logits.select(1, text));
        }
        var cosines = anchors.matmul(Tensors.cat(candidates, 0).transpose(0, 1));
        var mask = sameLabel(groups, others);
        if (settings.skipDuplicates()) {
            maskDuplicates(mask, batch, examples, others);
        }
        boolean guided = !groups.getFirst().guide().isEmpty();
        if (guided || settings.falseNegativeMargin() != null) {
            maskNearer(
                    mask,
                    guided ? guideCosines(groups, others) : cosines.detach().toFloatRows(),
                    Objects.requireNonNullElse(settings.falseNegativeMargin(), 0.0));
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

    /** Cosines by the guide: {@code [B][B * others]}. */
    private static float[][] guideCosines(List<Group> groups, int others) {
        var candidates =
                IntStream.rangeClosed(1, others).mapToObj(text -> guide(groups, text)).toList();
        return guide(groups, 0).matmul(Tensors.cat(candidates, 0).transpose(0, 1)).toFloatRows();
    }

    /** The guide's embedding of one text of each example: {@code [B, D]}. */
    private static Tensor guide(List<Group> groups, int text) {
        int size = groups.getFirst().guide().getFirst().length;
        var flat = new float[groups.size() * size];
        for (int i = 0; i < groups.size(); i++) {
            System.arraycopy(groups.get(i).guide().get(text), 0, flat, i * size, size);
        }
        return Tensors.of(flat, groups.size(), size);
    }

    /**
     * Texts that are nearer to the anchor than the own text.
     *
     * @param rows cosines, {@code [B][B * others]}
     */
    private static void maskNearer(float[] mask, float[][] rows, double margin) {
        for (int anchor = 0; anchor < rows.length; anchor++) {
            for (int column = 0; column < rows[anchor].length; column++) {
                if (column != anchor && rows[anchor][column] > rows[anchor][anchor] + margin) {
                    mask[anchor * rows[anchor].length + column] = Float.NEGATIVE_INFINITY;
                }
            }
        }
    }

    /** {@code [B, B * others]}: minus infinity where a text must not be a negative, else 0. */
    private static float[] sameLabel(List<Group> groups, int others) {
        int examples = groups.size();
        var mask = new float[examples * examples * others];
        for (int anchor = 0; anchor < examples; anchor++) {
            var label = groups.get(anchor).label();
            for (int other = 0; other < examples; other++) {
                if (other != anchor
                        && !label.isEmpty()
                        && label.equals(groups.get(other).label())) {
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
