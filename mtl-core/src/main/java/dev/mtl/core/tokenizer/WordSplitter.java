package dev.mtl.core.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits texts into words like corpora with word-level tags: at white space, and with each
 * punctuation character around a word as a separate word. Punctuation inside of a word stays:
 * {@code Play "Queen".} has the words {@code Play}, {@code "}, {@code Queen}, {@code "} and {@code
 * .}, while {@code what's}, {@code 5:30} and {@code rock-n-roll} are one word each.
 *
 * <p>Single letters keep the full stops after them, so that {@code J. S. Bach}, {@code p.m.} and
 * {@code U.S.} stay whole, also before a comma. The full stop of longer abbreviations ({@code
 * etc.}) is split off, because it cannot be distinguished from the end of a sentence.
 *
 * <p>Characters that belong to a word's meaning stay with it: {@code $5}, {@code #tag}, {@code
 * @name}, {@code C++}, {@code 20%}.
 */
final class WordSplitter {
    private static final String SIGNS = "$€£¥#@%&+*=<>~^°_|\\";

    private WordSplitter() {}

    /** The words of a text, in order. */
    public static List<Word> split(String text) {
        var words = new ArrayList<Word>();
        int i = 0;
        while (i < text.length()) {
            int c = text.codePointAt(i);
            if (isSpace(c)) {
                i += Character.charCount(c);
                continue;
            }
            int start = i;
            while (i < text.length() && !isSpace(text.codePointAt(i))) {
                i += Character.charCount(text.codePointAt(i));
            }
            splitChunk(text, start, i, words);
        }
        return words;
    }

    private static void splitChunk(String text, int start, int end, List<Word> words) {
        int from = start;
        while (from < end && isPunctuation(text.codePointAt(from))) {
            int next = from + Character.charCount(text.codePointAt(from));
            add(text, from, next, words);
            from = next;
        }
        int to = end;
        while (to > from && isPunctuation(text.codePointBefore(to))) {
            if (isInitials(text, from, to)) {
                break;
            }
            to -= Character.charCount(text.codePointBefore(to));
        }
        if (to > from) {
            add(text, from, to, words);
        }
        for (int i = to; i < end; ) {
            int next = i + Character.charCount(text.codePointAt(i));
            add(text, i, next, words);
            i = next;
        }
    }

    /** Letters, each followed by a full stop. */
    private static boolean isInitials(String text, int from, int to) {
        int i = from;
        while (i < to && Character.isLetter(text.codePointAt(i))) {
            i += Character.charCount(text.codePointAt(i));
            if (i >= to || text.charAt(i) != '.') {
                return false;
            }
            i++;
        }
        return i == to;
    }

    private static void add(String text, int start, int end, List<Word> words) {
        words.add(new Word(text.substring(start, end), start, end));
    }

    private static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c);
    }

    private static boolean isPunctuation(int c) {
        if (SIGNS.indexOf(c) >= 0) {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION ->
                    true;
            default -> false;
        };
    }
}
