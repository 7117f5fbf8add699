package dev.mtl.heads.relation;

import dev.mtl.core.head.Target.Relations.Span;
import dev.mtl.core.tokenizer.PreTokenizedText;

import java.util.stream.IntStream;

/**
 * The words of a span of a text.
 *
 * @param first index of its first word
 * @param end index after its last one; that of {@code first} if it has none
 */
record WordSpan(int first, int end) {
    static WordSpan of(PreTokenizedText text, Span span) {
        var words = text.words();
        int first = 0;
        while (first < words.size() && words.get(first).end() <= span.start()) {
            first++;
        }
        int end = first;
        while (end < words.size() && words.get(end).start() < span.end()) {
            end++;
        }
        return new WordSpan(first, end);
    }

    /** The places of the tokens of its words; words without one are passed over. */
    int[] tokens(int[] tokensOfWords) {
        return IntStream.range(first, end)
                .map(word -> tokensOfWords[word])
                .filter(token -> token >= 0)
                .toArray();
    }
}
