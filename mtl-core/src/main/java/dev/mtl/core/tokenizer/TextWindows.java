package dev.mtl.core.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * Windows over a text that is longer than a model takes. They overlap, so that every word is seen
 * with words on both sides of it, and each word is kept from one of them.
 */
public final class TextWindows {
    /** The part of a window that the one before it has seen too: a quarter. */
    private static final int OVERLAP = 4;

    private TextWindows() {}

    /**
     * A window over words.
     *
     * @param from its first word
     * @param to behind its last word
     * @param keepFrom the first word that is kept of it
     * @param keepTo behind the last word that is kept of it
     */
    public record Window(int from, int to, int keepFrom, int keepTo) {}

    /**
     * Cuts a text.
     *
     * @param tokens of each word; may be none
     * @param capacity how many tokens a window holds; a word that has more is a window alone
     * @return at least one window; what they keep is every word once, in order
     */
    public static List<Window> of(int[] tokens, int capacity) {
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
        var windows = new ArrayList<Window>();
        int keepFrom = 0;
        for (int i = 0; i < starts.size(); i++) {
            boolean last = i == starts.size() - 1;
            // Each half of what two windows share is kept from where it is further from the edge.
            int keepTo = last ? tokens.length : (starts.get(i + 1) + ends.get(i) + 1) / 2;
            windows.add(new Window(starts.get(i), ends.get(i), keepFrom, keepTo));
            keepFrom = keepTo;
        }
        return windows;
    }

    /** Behind the last word that fits in from a word on, which fits in any case. */
    private static int end(int[] tokens, int from, int capacity) {
        int to = from;
        long sum = 0;
        while (to < tokens.length && (to == from || sum + tokens[to] <= capacity)) {
            sum += tokens[to++];
        }
        return to;
    }

    /** The first of the words before {@code to} that are no more than so many tokens together. */
    private static int begin(int[] tokens, int to, int most) {
        int from = to;
        long sum = 0;
        while (from > 0 && sum + tokens[from - 1] <= most) {
            sum += tokens[--from];
        }
        return from;
    }
}
