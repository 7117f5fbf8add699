package dev.mtl.heads.token;

import java.util.List;

/**
 * The most probable path through a linear chain (Viterbi 1967), and how probable its tags are:
 * their marginals by the forward-backward algorithm (Rabiner 1989, section III).
 */
final class ChainDecoder {
    private final int count;
    private final boolean[][] allowed;
    private final boolean[] mayBegin;

    /**
     * Prepares.
     *
     * @param constrained whether the path must be possible in BIO2
     */
    ChainDecoder(List<String> tags, boolean constrained) {
        count = tags.size();
        allowed = new boolean[count][count];
        mayBegin = new boolean[count];
        for (int to = 0; to < count; to++) {
            var tag = tags.get(to);
            // an inside tag goes on with what its begin tag began, if there is one
            boolean inside =
                    constrained && tag.startsWith("I-") && tags.contains("B-" + tag.substring(2));
            mayBegin[to] = !inside;
            for (int from = 0; from < count; from++) {
                allowed[from][to] =
                        !inside
                                || tags.get(from).equals(tag)
                                || tags.get(from).equals("B-" + tag.substring(2));
            }
        }
    }

    /**
     * Chooses.
     *
     * @param emissions a row for each word
     * @param transitions from each tag to each
     */
    TagModel.Choice choose(
            double[][] emissions, double[][] transitions, double[] start, double[] end) {
        var tags = path(emissions, transitions, start, end);
        var marginals = marginals(emissions, transitions, start, end);
        var probabilities = new float[tags.length];
        for (int word = 0; word < tags.length; word++) {
            probabilities[word] = (float) marginals[word][tags[word]];
        }
        return new TagModel.Choice(tags, probabilities);
    }

    private int[] path(double[][] emissions, double[][] transitions, double[] start, double[] end) {
        int words = emissions.length;
        var from = new int[words][count];
        var best = new double[count];
        for (int word = 0; word < words; word++) {
            var next = new double[count];
            for (int to = 0; to < count; to++) {
                double most = word > 0 || !mayBegin[to] ? Double.NEGATIVE_INFINITY : start[to];
                for (int before = 0; word > 0 && before < count; before++) {
                    double score = best[before] + transitions[before][to];
                    if (allowed[before][to] && score > most) {
                        most = score;
                        from[word][to] = before;
                    }
                }
                next[to] = most + emissions[word][to];
            }
            best = next;
        }
        int last = 0;
        for (int tag = 1; tag < count; tag++) {
            last = best[tag] + end[tag] > best[last] + end[last] ? tag : last;
        }
        var tags = new int[words];
        for (int word = words - 1; word >= 0; word--) {
            tags[word] = last;
            last = from[word][last];
        }
        return tags;
    }

    /** The probability of each tag at each word, over all paths. */
    static double[][] marginals(
            double[][] emissions, double[][] transitions, double[] start, double[] end) {
        int words = emissions.length;
        int count = start.length;
        var forward = new double[words][count];
        var backward = new double[words][count];
        var terms = new double[count];
        for (int word = 0; word < words; word++) {
            for (int to = 0; to < count; to++) {
                for (int from = 0; word > 0 && from < count; from++) {
                    terms[from] = forward[word - 1][from] + transitions[from][to];
                }
                forward[word][to] =
                        emissions[word][to] + (word == 0 ? start[to] : logSumExp(terms));
            }
        }
        for (int word = words - 1; word >= 0; word--) {
            for (int from = 0; from < count; from++) {
                for (int to = 0; word < words - 1 && to < count; to++) {
                    terms[to] =
                            transitions[from][to]
                                    + emissions[word + 1][to]
                                    + backward[word + 1][to];
                }
                backward[word][from] = word == words - 1 ? end[from] : logSumExp(terms);
            }
        }
        var marginals = new double[words][count];
        for (int word = 0; word < words; word++) {
            for (int tag = 0; tag < count; tag++) {
                terms[tag] = forward[word][tag] + backward[word][tag];
            }
            double all = logSumExp(terms);
            for (int tag = 0; tag < count; tag++) {
                marginals[word][tag] = Math.exp(terms[tag] - all);
            }
        }
        return marginals;
    }

    private static double logSumExp(double[] terms) {
        double most = Double.NEGATIVE_INFINITY;
        for (double term : terms) {
            most = Math.max(most, term);
        }
        double sum = 0;
        for (double term : terms) {
            sum += Math.exp(term - most);
        }
        return most + Math.log(sum);
    }
}
