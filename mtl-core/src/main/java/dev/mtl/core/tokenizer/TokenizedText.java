package dev.mtl.core.tokenizer;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * A text that has been tokenized once, in full: what a model reads at once, and windows over all of
 * it, are cut from these tokens.
 */
public final class TokenizedText {
    private final PreTokenizedText text;
    private final Encoding whole;

    /** The text's own tokens, between the special ones: {@code [begin, end)} of {@code whole}. */
    private final int begin;

    private final int end;
    private final int maxLength;
    private final TokenizedPair.@Nullable Template pairTemplate;
    private final Encoding encoding;

    private TokenizedText(
            PreTokenizedText text,
            Encoding whole,
            int begin,
            int end,
            int maxLength,
            TokenizedPair.@Nullable Template pairTemplate) {
        this.text = text;
        this.whole = whole;
        this.begin = begin;
        this.end = end;
        this.maxLength = maxLength;
        this.pairTemplate = pairTemplate;
        encoding =
                whole.length() <= maxLength ? whole : slice(begin, begin + capacity(), 0, 0, true);
    }

    /**
     * Puts the parts together that the tokenizer cuts a text into.
     *
     * @param parts at most {@code maxLength} tokens each, with special tokens around them
     * @param pairTemplate how the tokenizer puts two texts together; null if it cannot
     */
    public static TokenizedText of(
            PreTokenizedText text,
            List<Encoding> parts,
            int maxLength,
            TokenizedPair.@Nullable Template pairTemplate) {
        var first = parts.getFirst();
        int begin = leading(first); // special tokens and a prompt
        int trailing = 0;
        while (begin + trailing < first.length()
                && first.wordIds()[first.length() - 1 - trailing] < 0) {
            trailing++;
        }
        var whole = parts.size() == 1 ? first : join(parts, trailing);
        var aligned =
                new Encoding(
                        whole.ids(),
                        whole.typeIds(),
                        WordAlignment.align(whole, text.words()),
                        whole.starts(),
                        whole.ends(),
                        false,
                        first.promptLength());
        return new TokenizedText(
                text, aligned, begin, whole.length() - trailing, maxLength, pairTemplate);
    }

    /** How many of the first tokens belong to no word. */
    private static int leading(Encoding part) {
        int leading = 0;
        while (leading < part.length() && part.wordIds()[leading] < 0) {
            leading++;
        }
        return leading;
    }

    private static Encoding join(List<Encoding> parts, int trailing) {
        // Only the first part begins with the prompt.
        int leading = leading(parts.getLast());
        int length = parts.stream().mapToInt(Encoding::length).sum();
        var whole = Encoding.allocate(length - (parts.size() - 1) * (leading + trailing), false);
        int next = 0;
        for (int i = 0; i < parts.size(); i++) {
            int from = i == 0 ? 0 : leading;
            int to = parts.get(i).length() - (i == parts.size() - 1 ? 0 : trailing);
            whole.set(next, parts.get(i), from, to);
            next += to - from;
        }
        return whole;
    }

    /** All tokens, special ones included. */
    Encoding whole() {
        return whole;
    }

    /** Index of the text's first token in {@link #whole}. */
    int begin() {
        return begin;
    }

    /** Index after the text's last token in {@link #whole}. */
    int end() {
        return end;
    }

    int maxLength() {
        return maxLength;
    }

    TokenizedPair.@Nullable Template pairTemplate() {
        return pairTemplate;
    }

    /** The text and its words. */
    public PreTokenizedText text() {
        return text;
    }

    /**
     * What a model reads at once: all tokens, or as many of the first as fit into its maximum
     * length together with the special tokens.
     */
    public Encoding encoding() {
        return encoding;
    }

    /** The number of tokens of the whole text, special tokens included. */
    public int length() {
        return whole.length();
    }

    /** Windows over the whole text, each of which a model reads at once. */
    public List<Window> windows() {
        var starts = wordStarts();
        var counts = new int[starts.length - 1];
        for (int word = 0; word < counts.length; word++) {
            counts[word] = starts[word + 1] - starts[word];
        }
        var windows = new ArrayList<Window>();
        for (var words : TextWindows.of(counts, capacity())) {
            windows.add(window(words, starts));
        }
        return windows;
    }

    private Window window(Window.Words words, int[] starts) {
        int from = starts[words.from()];
        int to = starts[words.to()];
        var part = text.slice(words.from(), words.to());
        int offset = part.words().isEmpty() ? 0 : text.words().get(words.from()).start();
        var cut =
                new TokenizedText(
                        part,
                        slice(from, to, words.from(), offset, false),
                        begin,
                        begin + to - from,
                        maxLength,
                        pairTemplate);
        // The special tokens are kept of the first and of the last window.
        int keepFrom = words.from() == 0 ? 0 : starts[words.keepFrom()] - from + begin;
        int keepTo =
                words.to() == text.words().size()
                        ? cut.encoding.length()
                        : Math.min(
                                starts[words.keepTo()] - from + begin,
                                cut.encoding.length() - (whole.length() - end));
        return new Window(words, cut, Math.min(keepFrom, keepTo), keepTo, keepFrom - begin + from);
    }

    /**
     * The tokens that windows keep, in the order of the text.
     *
     * @param windows from {@link #windows}
     * @return all tokens of the text, but of a word that alone is longer than a window, only those
     *     that its window has
     */
    public Encoding kept(List<Window> windows) {
        var kept =
                Encoding.allocate(
                        windows.stream().mapToInt(w -> w.keepTo() - w.keepFrom()).sum(), false);
        int next = 0;
        for (var window : windows) {
            int count = window.keepTo() - window.keepFrom();
            kept.set(next, whole, window.position(), window.position() + count);
            next += count;
        }
        return kept;
    }

    /** The most tokens of the text itself that a model reads at once. */
    private int capacity() {
        return maxLength - begin - (whole.length() - end);
    }

    /**
     * For each word the index of its first token, and after them {@code end}. Tokens between two
     * words are counted to the first of them.
     */
    private int[] wordStarts() {
        var starts = new int[text.words().size() + 1];
        int token = begin;
        for (int word = 0; word < starts.length - 1; word++) {
            while (token < end && whole.wordIds()[token] < word) {
                token++;
            }
            starts[word] = word == 0 ? begin : token;
        }
        starts[starts.length - 1] = end;
        return starts;
    }

    private Encoding slice(int from, int to, int firstWord, int offset, boolean truncated) {
        int trailing = whole.length() - end;
        var slice = Encoding.allocate(begin + to - from + trailing, truncated);
        slice.set(0, whole, 0, begin);
        slice.set(begin, whole, from, to, firstWord, offset);
        slice.set(begin + to - from, whole, end, whole.length());
        return whole.promptLength() == 0 ? slice : slice.withPromptLength(whole.promptLength());
    }

    /**
     * A part of the text that a model reads at once.
     *
     * @param words of the whole text that it spans, and those that are kept of it
     * @param text these words with their tokens and the special tokens around them
     * @param keepFrom index, in {@code text.encoding()}, of the first token that is kept
     * @param keepTo index after the last token that is kept
     * @param position index of the first kept token among the tokens of the whole text
     */
    public record Window(Words words, TokenizedText text, int keepFrom, int keepTo, int position) {
        /**
         * A window over words.
         *
         * @param from index of its first word
         * @param to index after its last word
         * @param keepFrom index of the first word whose result is taken from this window
         * @param keepTo index after the last such word
         */
        public record Words(int from, int to, int keepFrom, int keepTo) {}
    }
}
