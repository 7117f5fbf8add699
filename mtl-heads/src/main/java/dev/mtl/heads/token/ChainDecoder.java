package dev.mtl.heads.token;

import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;

/**
 * The most probable paths through linear chains (Viterbi 1967), and the marginal probabilities of
 * their tags by the forward-backward algorithm (Rabiner 1989, section III). All chains of a batch
 * are processed together, word by word, in FLOAT64, on the device of their scores.
 */
final class ChainDecoder {
    /** Lower than the score of any path, and finite, so that differences are not NaN. */
    private static final double IMPOSSIBLE = -1e30;

    private final int count;
    private final double[] forbiddenStart;
    private final double[] forbidden;

    /**
     * Creates a decoder.
     *
     * @param constrained whether paths must satisfy {@link Bio2Constraints}
     */
    ChainDecoder(List<String> tags, boolean constrained) {
        count = tags.size();
        forbiddenStart = new double[count];
        forbidden = new double[count * count];
        var constraints = new Bio2Constraints(tags);
        for (int to = 0; constrained && to < count; to++) {
            forbiddenStart[to] = constraints.continues(to) ? IMPOSSIBLE : 0;
            for (int from = 0; from < count; from++) {
                forbidden[from * count + to] = constraints.allows(from, to) ? 0 : IMPOSSIBLE;
            }
        }
    }

    /**
     * The chains of a batch.
     *
     * @param emissions {@code [R, W, C]}, FLOAT64
     * @param lengths the number of words of each, at least 1
     * @param present {@code [R, W]}: whether there is a word
     * @param transitions {@code [from, to]}
     * @param start {@code [C]}
     * @param end {@code [C]}
     */
    record Chains(
            Tensor emissions,
            int[] lengths,
            Tensor present,
            Tensor transitions,
            Tensor start,
            Tensor end) {
        long width() {
            return emissions.size(1);
        }

        Tensor at(long word) {
            return emissions.select(1, word);
        }

        /** {@code [R, 1]}: whether a row has this word. */
        Tensor has(long word) {
            return present.select(1, word).unsqueeze(1);
        }
    }

    /** The best path of each chain, with the marginals of its tags. */
    List<TagModel.Choice> choose(Chains chains) {
        var paths = paths(chains);
        var marginals = marginals(chains);
        int rows = chains.lengths().length;
        var choices = new ArrayList<TagModel.Choice>();
        for (int row = 0; row < rows; row++) {
            var tags = paths.get(row);
            var probabilities = new float[tags.length][count];
            for (int word = 0; word < tags.length; word++) {
                for (int tag = 0; tag < count; tag++) {
                    probabilities[word][tag] = (float) marginals[(word * rows + row) * count + tag];
                }
            }
            choices.add(new TagModel.Choice(tags, probabilities));
        }
        return choices;
    }

    private List<int[]> paths(Chains chains) {
        var device = chains.emissions().device();
        var allowed =
                chains.transitions()
                        .add(Tensors.of(forbidden, count, count).to(device))
                        .unsqueeze(0);
        var best =
                chains.start().add(Tensors.of(forbiddenStart, count).to(device)).add(chains.at(0));
        var from = new ArrayList<long[]>();
        for (long word = 1; word < chains.width(); word++) {
            var most = best.unsqueeze(2).add(allowed).max(1);
            from.add(most.indices().toLongs());
            best = chains.has(word).where(most.values().add(chains.at(word)), best);
        }
        var last = best.add(chains.end()).argmax(1).toLongs();
        var paths = new ArrayList<int[]>();
        for (int row = 0; row < last.length; row++) {
            var tags = new int[chains.lengths()[row]];
            int tag = (int) last[row];
            for (int word = tags.length - 1; word >= 0; word--) {
                tags[word] = tag;
                tag = word == 0 ? tag : (int) from.get(word - 1)[row * count + tag];
            }
            paths.add(tags);
        }
        return paths;
    }

    /** {@code [W, R, C]}: the probability of each tag at each word, over all paths. */
    private static double[] marginals(Chains chains) {
        long width = chains.width();
        var between = chains.transitions().unsqueeze(0);
        var forward = new ArrayList<Tensor>();
        forward.add(chains.start().add(chains.at(0)));
        for (long word = 1; word < width; word++) {
            var before = forward.getLast();
            var next = before.unsqueeze(2).add(between).logsumexp(1).add(chains.at(word));
            forward.add(chains.has(word).where(next, before));
        }
        var all = forward.getLast().add(chains.end()).logsumexp(1).unsqueeze(1);
        var back =
                chains.end().unsqueeze(0).expand(chains.emissions().size(0), chains.end().size(0));
        var marginals = new ArrayList<Tensor>();
        for (long word = width - 1; word >= 0; word--) {
            if (word < width - 1) {
                var after = chains.at(word + 1).add(back).unsqueeze(1).add(between).logsumexp(2);
                back = chains.has(word + 1).where(after, back);
            }
            marginals.addFirst(forward.get((int) word).add(back).sub(all).exp());
        }
        return Tensors.stack(marginals, 0).to(DType.FLOAT64).toDoubles();
    }
}
