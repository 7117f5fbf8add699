package dev.mtl.heads.token;

import dev.mtl.core.head.LabelIndex;
import dev.mtl.torch.Losses;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tags of one text that take part in the loss.
 *
 * @param tokens positions of the words' first tokens, ascending
 * @param tags the index of the tag of each
 */
@SuppressWarnings("ArrayRecordComponent") // one for each example, never compared
record EncodedTags(int[] tokens, int[] tags) {
    /**
     * Assigns tags to tokens; ignores tags that have no logit.
     *
     * @param words one tag per word
     * @param firstPieces for each token, the word whose first token it is; else -1
     */
    static EncodedTags of(List<String> words, LabelIndex labels, int[] firstPieces) {
        var tokens =
                IntStream.range(0, firstPieces.length)
                        .filter(token -> firstPieces[token] >= 0)
                        .filter(token -> labels.find(words.get(firstPieces[token])).isPresent())
                        .toArray();
        var tags =
                IntStream.of(tokens)
                        .map(token -> labels.indexOf(words.get(firstPieces[token])))
                        .toArray();
        return new EncodedTags(tokens, tags);
    }

    /**
     * The tags of a batch.
     *
     * @param length S, the tokens of the longest text
     * @return B &middot; S tags; {@link Losses#IGNORE_INDEX} for tokens without one
     */
    static long[] padded(List<EncodedTags> targets, int length) {
        var classes = new long[targets.size() * length];
        Arrays.fill(classes, Losses.IGNORE_INDEX);
        for (int row = 0; row < targets.size(); row++) {
            var target = targets.get(row);
            for (int i = 0; i < target.tags().length; i++) {
                classes[row * length + target.tokens()[i]] = target.tags()[i];
            }
        }
        return classes;
    }
}
