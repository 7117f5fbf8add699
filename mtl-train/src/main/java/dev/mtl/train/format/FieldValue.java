package dev.mtl.train.format;

import dev.mtl.core.head.Target;

import org.jspecify.annotations.Nullable;

/**
 * A field as the file has it, of which a head makes its own target.
 *
 * @param value see {@link dev.mtl.core.head.HeadProvider#readTarget}
 */
public record FieldValue(@Nullable Object value) implements Target.Own {
    @Override
    public String toText() {
        return String.valueOf(value);
    }
}
