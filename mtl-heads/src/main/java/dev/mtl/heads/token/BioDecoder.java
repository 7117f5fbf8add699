package dev.mtl.heads.token;

import java.util.List;

/**
 * Constrained BIO2 decoding of independent tags: the most probable sequence that {@link
 * Bio2Constraints} allow (Viterbi 1967, with transitions of 0 and minus infinity).
 */
final class BioDecoder {
    private final int count;
    private final Bio2Constraints constraints;

    BioDecoder(List<String> tags) {
        count = tags.size();
        constraints = new Bio2Constraints(tags);
    }

    /**
     * Decodes.
     *
     * @param logProbabilities a row for each word, a column for each tag
     * @return a tag for each word
     */
    int[] decode(double[][] logProbabilities) {
        int words = logProbabilities.length;
        var from = new int[words][count];
        var best = new double[count];
        for (int word = 0; word < words; word++) {
            var next = new double[count];
            int mostProbable = argmax(best);
            for (int tag = 0; tag < count; tag++) {
                double score = constraints.continues(tag) ? Double.NEGATIVE_INFINITY : 0;
                if (word > 0) {
                    from[word][tag] = previous(tag, best, mostProbable);
                    score = best[from[word][tag]];
                }
                next[tag] = score + logProbabilities[word][tag];
            }
            best = next;
        }
        var tags = new int[words];
        int tag = argmax(best);
        for (int word = words - 1; word >= 0; word--) {
            tags[word] = tag;
            tag = from[word][tag];
        }
        return tags;
    }

    /** The best tag that may precede another one. */
    private int previous(int tag, double[] best, int mostProbable) {
        if (!constraints.continues(tag)) {
            return mostProbable;
        }
        int begin = constraints.begin(tag);
        return best[tag] > best[begin] ? tag : begin;
    }

    /** The index of the largest value; of equal ones the first. */
    private static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
