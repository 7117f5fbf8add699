package dev.mtl.heads.token;

import java.util.Arrays;
import java.util.List;

/**
 * The most probable tags of a sentence among those that are possible in BIO2: {@code I-x} only
 * after {@code B-x} or {@code I-x} (Viterbi 1967, with transitions of 0 and minus infinity). Tags
 * without prefixes follow each other freely.
 */
final class BioDecoder {
    private final int count;

    /** For a tag that goes on with an entity, the tag that begins it; else -1. */
    private final int[] begin;

    BioDecoder(List<String> tags) {
        count = tags.size();
        begin = new int[count];
        Arrays.fill(begin, -1);
        for (int tag = 0; tag < count; tag++) {
            if (tags.get(tag).startsWith("I-")) {
                // without a tag that begins the entity, this one has to
                begin[tag] = tags.indexOf("B-" + tags.get(tag).substring(2));
            }
        }
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
            int anyone = argmax(best);
            for (int tag = 0; tag < count; tag++) {
                int before = word == 0 ? -1 : before(tag, best, anyone);
                double so =
                        word > 0 ? best[before] : begin[tag] >= 0 ? Double.NEGATIVE_INFINITY : 0;
                from[word][tag] = before;
                next[tag] = so + logProbabilities[word][tag];
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

    private int before(int tag, double[] best, int anyone) {
        if (begin[tag] < 0) {
            return anyone;
        }
        return best[tag] > best[begin[tag]] ? tag : begin[tag];
    }

    /** The position of the largest value; the first of equals. */
    private static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
