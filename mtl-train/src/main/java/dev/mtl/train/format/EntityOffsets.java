package dev.mtl.train.format;

import org.jspecify.annotations.Nullable;

/**
 * How the entities of a column are placed.
 *
 * @param inclusive whether an end is the last character or word, instead of the one after it
 * @param codePoints whether characters are counted as Python does, instead of UTF-16 units
 */
public record EntityOffsets(boolean inclusive, boolean codePoints) {
    /** UTF-16 units, the end exclusive. */
    public static final EntityOffsets DEFAULTS = new EntityOffsets(false, false);

    /** What {@code span_end} and {@code offsets} say. */
    public static EntityOffsets of(@Nullable String spanEnd, @Nullable String offsets) {
        return new EntityOffsets("inclusive".equals(spanEnd), "codepoint".equals(offsets));
    }
}
