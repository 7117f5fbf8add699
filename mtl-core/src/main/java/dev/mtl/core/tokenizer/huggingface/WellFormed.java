package dev.mtl.core.tokenizer.huggingface;

/** Well-formed Unicode, which alone the native library takes. */
final class WellFormed {
    private WellFormed() {}

    /** A text with U+FFFD in the place of each unpaired surrogate. */
    static String of(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return replaceUnpaired(text);
            }
        }
        return text;
    }

    private static String replaceUnpaired(String text) {
        var fixed = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .forEach(fixed::appendCodePoint);
        return fixed.toString();
    }
}
