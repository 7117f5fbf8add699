package dev.mtl.core.tokenizer.huggingface;

import org.jspecify.annotations.Nullable;

/**
 * Converts the tokenizer's offsets, in code points, to offsets in a Java string, in UTF-16 units;
 * they differ after an emoji.
 */
final class CodePointOffsets {
    /** The UTF-16 offset of each code point; null if all are the same. */
    private final int @Nullable [] units;

    CodePointOffsets(String text) {
        int points = text.codePointCount(0, text.length());
        if (points == text.length()) {
            units = null;
            return;
        }
        units = new int[points + 1];
        for (int point = 0, unit = 0; point < points; point++) {
            units[point] = unit;
            unit += Character.charCount(text.codePointAt(unit));
        }
        units[points] = text.length();
    }

    int utf16(int codePoint) {
        return units == null ? codePoint : units[Math.min(codePoint, units.length - 1)];
    }
}
