package dev.mtl.core.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * When a call is too late.
 *
 * @param nanos of {@link System#nanoTime}; null for never
 */
record Deadline(@Nullable Long nanos) {
    static Deadline after(@Nullable Duration timeout) {
        return new Deadline(timeout == null ? null : System.nanoTime() + timeout.toNanos());
    }

    boolean isNever() {
        return nanos == null;
    }

    /** Nanoseconds that are left; not positive if the time is up. */
    long remaining() {
        return nanos == null ? Long.MAX_VALUE : nanos - System.nanoTime();
    }
}
