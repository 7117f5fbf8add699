package dev.mtl.core.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * Divides a text that is longer than a model's maximum length into windows. They overlap, so that
 * every word has context on both sides, and the result of each word is taken from one window.
 */
final class TextWindows {
    /** The part of a window that overlaps with the one before it: a quarter. */
    private static final int OVERLAP = 4;

    private TextWindows() {}

    /**
     * Divides a text.
     *
     * @param tokens the number of tokens of each word, which may be 0
     * @param capacity the maximum number of tokens in a window; a longer word has its own window
     * @return at least one window; together they keep every word once, in order
     */
    static List<TokenizedText.Window.Words> of(int[] tokens, int capacity) {
        var starts = new ArrayList<Integer>();
        var ends = new ArrayList<Integer>();
        int from = 0;
        while (true) {
            int to = end(tokens, from, capacity);
            starts.add(from);
            ends.add(to);
            if (to == tokens.length) {
                break;
            }
            from = Math.max(from + 1, begin(tokens, to, capacity / OVERLAP));
        }
        var windows = new ArrayList<TokenizedText.Window.Words>();
        int keepFrom = 0;
        for (int i = 0; i < starts.size(); i++) {
            boolean last = i == starts.size() - 1;
            // Each half of an overlap is taken from the window in which it is further from the
            // edge.
            int keepTo = last ? tokens.length : (starts.get(i + 1) + ends.get(i) + 1) / 2;
            windows.add(
                    new TokenizedText.Window.Words(starts.get(i), ends.get(i), keepFrom, keepTo));
            keepFrom = keepTo;
        }
        return windows;
    }

    /** The index after the last word that fits, starting with a word that always fits. */
    private static int end(int[] tokens, int from, int capacity) {
        int to = from;
        long sum = 0;
        while (to < tokens.length && (to == from || sum + tokens[to] <= capacity)) {
            sum += tokens[to++];
        }
        return to;
    }

    /** The first of the words before {@code to} that together have at most this many tokens. */
    private static int begin(int[] tokens, int to, int most) {
        int from = to;
        long sum = 0;
        while (from > 0 && sum + tokens[from - 1] <= most) {
            sum += tokens[--from];
        }
        return from;
    }
}
