package dev.mtl.heads;

import dev.mtl.core.tokenizer.Encoding;

import java.util.Arrays;

/** The first tokens of words, which stand for them. */
public final class WordTokens {
    private WordTokens() {}

    /** For each token, the word whose first token it is; else -1. */
    public static int[] words(Encoding encoding) {
        var words = encoding.wordIds().clone();
        int last = -1;
        for (int i = 0; i < words.length; i++) {
            if (words[i] == last) {
                words[i] = -1;
            } else if (words[i] >= 0) {
                last = words[i];
            }
        }
        return words;
    }

    /** For each word, its first token; -1 if it has none. */
    public static int[] first(Encoding encoding, int words) {
        var tokens = new int[words];
        Arrays.fill(tokens, -1);
        var first = words(encoding);
        for (int i = 0; i < first.length; i++) {
            if (first[i] >= 0) {
                tokens[first[i]] = i;
            }
        }
        return tokens;
    }
}
