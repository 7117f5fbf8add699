package dev.mtl.core.tokenizer;

import java.util.Arrays;
import java.util.List;

/**
 * Finds the word that each token is a piece of, by character offsets. A token that spans several
 * words belongs to the first of them. A word has no token if the normalizer drops all of its
 * characters, or if its characters are part of a token of the word before it.
 */
final class WordAlignment {
    private WordAlignment() {}

    /**
     * Aligns the tokens of one text.
     *
     * @param tokens with the tokenizer's own word ids, which are negative for special tokens
     * @param words of the same text, in order
     * @return for each token the index of its word, -1 for special tokens and for tokens between
     *     words
     */
    static int[] align(Encoding tokens, List<Word> words) {
        var aligned = new int[tokens.length()];
        Arrays.fill(aligned, -1);
        int word = 0;
        for (int i = 0; i < aligned.length; i++) {
            if (tokens.wordIds()[i] < 0) {
                continue;
            }
            while (word < words.size() && words.get(word).end() <= tokens.starts()[i]) {
                word++;
            }
            if (word < words.size() && words.get(word).start() < tokens.ends()[i]) {
                aligned[i] = word;
            }
        }
        takeLeadingSpaces(tokens, words, aligned);
        return aligned;
    }

    /**
     * Byte-level and SentencePiece tokenizers may give the space before a word a token of its own;
     * it is that word's first piece if the tokenizer itself counts it to the word.
     */
    private static void takeLeadingSpaces(Encoding tokens, List<Word> words, int[] aligned) {
        for (int i = aligned.length - 2; i >= 0; i--) {
            int next = aligned[i + 1];
            if (aligned[i] < 0
                    && next >= 0
                    && tokens.wordIds()[i] == tokens.wordIds()[i + 1]
                    && tokens.ends()[i] <= words.get(next).start()) {
                aligned[i] = next;
            }
        }
    }
}
