package dev.mtl.heads.token;

import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.DType;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tags of a sentence, scored jointly by a linear-chain conditional random field over its words
 * (Lafferty, McCallum, Pereira 2001; on a neural encoder: Lample et al. 2016, arXiv 1603.01360,
 * section 2.2). The loss is the negative log-likelihood by the forward algorithm, averaged over
 * words.
 */
final class LinearChainTags implements TagModel {
    private static final String TRANSITIONS = "crf.transitions";
    private static final String START = "crf.start_transitions";
    private static final String END = "crf.end_transitions";

    /** Initial transitions are small: uniform in +-1 / sqrt(100). */
    private static final int FAN_IN = 100;

    private final int count;
    private final ChainDecoder decoder;

    /**
     * Creates the model.
     *
     * @param constrained whether decoding returns only sequences that are valid in BIO2
     */
    LinearChainTags(List<String> tags, boolean constrained) {
        this.count = tags.size();
        this.decoder = new ChainDecoder(tags, constrained);
    }

    @Override
    public List<ParameterSpec> parameters() {
        var initial = new dev.mtl.core.nn.Initializer.Uniform(FAN_IN);
        return List.of(
                new ParameterSpec(TRANSITIONS, new long[] {count, count}, initial),
                new ParameterSpec(START, new long[] {count}, initial),
                new ParameterSpec(END, new long[] {count}, initial));
    }

    @Override
    public double weight(int tag) {
        return 1;
    }

    @Override
    public Tensor loss(Parameters parameters, Tensor logits, long[] classes, int batchSize) {
        var words = Words.of(classes, batchSize, count);
        var device = logits.device();
        var transitions = parameters.get(TRANSITIONS);
        var start = parameters.get(START);
        var end = parameters.get(END);
        long rows = words.rows();
        long width = words.width();
        var emissions = emissions(logits, words);
        var gold = Tensors.of(words.oneHot(), rows, width, count).to(device).to(logits.dtype());
        var last = Tensors.of(words.lastOneHot(), rows, count).to(device).to(logits.dtype());
        var present = Tensors.of(words.present(), rows, width).to(device);

        var path =
                emissions
                        .mul(gold)
                        .sum()
                        .add(gold.select(1, 0).mul(start).sum())
                        .add(last.mul(end).sum());
        var alpha = emissions.select(1, 0).add(start);
        for (int word = 1; word < width; word++) {
            var own = gold.select(1, word);
            path = path.add(gold.select(1, word - 1).matmul(transitions).mul(own).sum());
            var next =
                    alpha.unsqueeze(2)
                            .add(transitions.unsqueeze(0))
                            .logsumexp(1)
                            .add(emissions.select(1, word));
            alpha = present.select(1, word).unsqueeze(1).where(next, alpha);
        }
        return alpha.add(end).logsumexp(1).sum().sub(path).mul(1.0 / words.count());
    }

    /** {@code [R, W, C]}: the logits of the words. */
    private Tensor emissions(Tensor logits, Words words) {
        return logits.reshape(-1, count)
                .embedding(
                        Tensors.of(words.positions(), words.rows(), words.width())
                                .to(logits.device()));
    }

    /**
     * Between the distributions over all sequences: both have the same transitions, so that the
     * normalizers cancel and {@code sum (p - q) (a - b) / 2} is left, where p and q are the
     * marginals of the tags of each word, and a and b their logits.
     */
    @Override
    public Tensor divergence(
            Parameters parameters, Tensor logits, Tensor again, long[] classes, int batchSize) {
        var words = Words.of(classes, batchSize, count);
        var present = Tensors.of(words.present(), words.rows(), words.width()).to(logits.device());
        var first = emissions(logits, words);
        var second = emissions(again, words);
        var marginals =
                marginals(parameters, first, present).sub(marginals(parameters, second, present));
        return marginals
                .mul(first.sub(second))
                .mul(present.unsqueeze(2).to(first.dtype()))
                .sum()
                .mul(0.5 / words.count());
    }

    /**
     * The probabilities of the tags of each word, by the forward-backward algorithm.
     *
     * @param emissions {@code [R, W, C]}
     * @param present {@code [R, W]}: whether there is a word
     * @return {@code [R, W, C]}; of no meaning where there is no word
     */
    private static Tensor marginals(Parameters parameters, Tensor emissions, Tensor present) {
        var transitions = parameters.get(TRANSITIONS).unsqueeze(0);
        int width = Math.toIntExact(emissions.size(1));
        var before = new ArrayList<Tensor>();
        before.add(emissions.select(1, 0).add(parameters.get(START)));
        for (int word = 1; word < width; word++) {
            before.add(
                    before.getLast()
                            .unsqueeze(2)
                            .add(transitions)
                            .logsumexp(1)
                            .add(emissions.select(1, word)));
        }
        var after = parameters.get(END).expand(emissions.size(0), emissions.size(2));
        var marginals = new ArrayList<Tensor>();
        for (int word = width - 1; word >= 0; word--) {
            if (word < width - 1) {
                var next = emissions.select(1, word + 1).add(after).unsqueeze(1);
                after =
                        present.select(1, word + 1)
                                .unsqueeze(1)
                                .where(transitions.add(next).logsumexp(2), after);
            }
            marginals.add(before.get(word).add(after).softmax(-1));
        }
        return Tensors.stack(marginals.reversed(), 1);
    }

    /**
     * The labelled words of a batch, row by row without gaps; rows without labelled words are left
     * out.
     *
     * @param positions {@code [R, W]}: of their tokens in the flattened batch
     * @param oneHot {@code [R, W, C]}: their tags; zeros where there is no word
     * @param lastOneHot {@code [R, C]}: the tag of each row's last word
     * @param present {@code [R, W]}: whether there is a word
     * @param count the number of words
     */
    private record Words(
            int rows,
            int width,
            long[] positions,
            float[] oneHot,
            float[] lastOneHot,
            boolean[] present,
            int count) {
        static Words of(long[] classes, int batchSize, int tags) {
            int length = classes.length / batchSize;
            var tokens = new ArrayList<int[]>();
            var rowOf = new ArrayList<Integer>();
            for (int row = 0; row < batchSize; row++) {
                var own = new int[length];
                int found = 0;
                for (int i = 0; i < length; i++) {
                    if (classes[row * length + i] != Losses.IGNORE_INDEX) {
                        own[found++] = i;
                    }
                }
                if (found > 0) {
                    tokens.add(Arrays.copyOf(own, found));
                    rowOf.add(row);
                }
            }
            int rows = tokens.size();
            int width = tokens.stream().mapToInt(own -> own.length).max().orElse(0);
            var positions = new long[rows * width];
            var oneHot = new float[rows * width * tags];
            var last = new float[rows * tags];
            var present = new boolean[rows * width];
            int count = 0;
            for (int r = 0; r < rows; r++) {
                var own = tokens.get(r);
                for (int w = 0; w < own.length; w++) {
                    int tag = (int) classes[rowOf.get(r) * length + own[w]];
                    positions[r * width + w] = (long) rowOf.get(r) * length + own[w];
                    oneHot[(r * width + w) * tags + tag] = 1;
                    present[r * width + w] = true;
                    count++;
                    if (w == own.length - 1) {
                        last[r * tags + tag] = 1;
                    }
                }
            }
            return new Words(rows, width, positions, oneHot, last, present, count);
        }
    }

    @Override
    public List<Choice> choose(Parameters parameters, Tensor logits, List<Run> runs) {
        if (runs.isEmpty()) {
            return List.of();
        }
        int length = (int) logits.size(1);
        int width = runs.stream().mapToInt(run -> run.tokens().length).max().orElseThrow();
        var positions = new long[runs.size() * width];
        var present = new boolean[positions.length];
        for (int r = 0; r < runs.size(); r++) {
            var run = runs.get(r);
            for (int word = 0; word < run.tokens().length; word++) {
                positions[r * width + word] = (long) run.row() * length + run.tokens()[word];
                present[r * width + word] = true;
            }
        }
        var device = logits.device();
        return decoder.choose(
                new ChainDecoder.Chains(
                        logits.to(DType.FLOAT64)
                                .reshape(-1, count)
                                .embedding(Tensors.of(positions, runs.size(), width).to(device)),
                        runs.stream().mapToInt(run -> run.tokens().length).toArray(),
                        Tensors.of(present, runs.size(), width).to(device),
                        parameters.get(TRANSITIONS).to(DType.FLOAT64),
                        parameters.get(START).to(DType.FLOAT64),
                        parameters.get(END).to(DType.FLOAT64)));
    }
}
