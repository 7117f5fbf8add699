package dev.mtl.core.tokenizer.huggingface;

import dev.mtl.core.MtlException;

/**
 * Leaves out what cannot be among a text's first tokens, before it is tokenized: of a text of 100
 * MB a model of 128 tokens reads the first kilobyte.
 */
final class TextCap {
    /** Shorter texts are not looked at. */
    private static final int FREE_CHARACTERS = 16;

    /** A word has a token, unless a normalizer deletes it. */
    private static final int WORDS = 4;

    /** Of a text with fewer words than that, such as one endless word. */
    private static final int CHARACTERS = 4096;

    /** Of a text that is read in full, in windows: a gigabyte is needed for these. */
    private static final int MAX_CHARACTERS = 16 << 20;

    private TextCap() {}

    /** The beginning of a text that has all of its first {@code maxLength} tokens. */
    static String cap(String text, int maxLength) {
        if (text.length() <= (long) FREE_CHARACTERS * maxLength) {
            return text;
        }
        int end = (int) Math.min(text.length(), (long) CHARACTERS * maxLength);
        long wanted = (long) WORDS * maxLength;
        boolean inWord = false;
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c)) {
                if (inWord && --wanted <= 0) {
                    return text.substring(0, i);
                }
                inWord = false;
            } else if (Character.isIdeographic(c)) {
                wanted--;
            } else {
                inWord |= Character.isLetterOrDigit(c);
            }
        }
        if (end == text.length()) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }

    /**
     * Refuses a text that is too long to be tokenized in full.
     *
     * @throws MtlException if it is
     */
    static void requireReadable(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new MtlException(
                    "a text has %d characters; at most %d are read in full: split it"
                            .formatted(text.length(), MAX_CHARACTERS));
        }
    }
}
