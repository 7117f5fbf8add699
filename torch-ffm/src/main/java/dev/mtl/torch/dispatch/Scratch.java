package dev.mtl.torch.dispatch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A few bytes of native memory per thread for stacks, results and strings, reused by each call:
 * small operators need no allocation.
 */
public final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
    private static final int SLOTS = 64;

    private final MemorySegment stack = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, SLOTS);
    private final MemorySegment out = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, 2);
    private MemorySegment bytes = Arena.ofAuto().allocate(64);

    public static Scratch get() {
        return OF_THREAD.get();
    }

    /** The dispatcher's stack, of at least {@code slots} slots. */
    public MemorySegment stack(int slots) {
        if (slots > SLOTS) {
            throw new IllegalArgumentException("an operator with " + slots + " arguments");
        }
        return stack;
    }

    /** Sixteen bytes for one result. */
    public MemorySegment out() {
        return out;
    }

    /** At least {@code count} bytes for a string or a list of numbers, 8-byte aligned. */
    public MemorySegment bytes(long count) {
        if (bytes.byteSize() < count) {
            bytes = Arena.ofAuto().allocate(count, Long.BYTES);
        }
        return bytes;
    }
}
