package dev.mtl.heads.token;

import dev.mtl.core.head.LabelIndex;

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
}
