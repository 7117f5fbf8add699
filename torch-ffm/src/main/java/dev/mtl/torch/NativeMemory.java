package dev.mtl.torch;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** How the C library's allocator, which LibTorch uses on a CPU, treats freed memory. */
public final class NativeMemory {
    // Of glibc's malloc.h.
    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_MMAP_THRESHOLD = -3;

    private NativeMemory() {}

    /**
     * Keeps freed memory in the process for the next allocation, for programs that free and
     * allocate the same gigabytes over and over, as training does: otherwise large blocks go back
     * to the system each time, and a fifth of the time goes into fetching them again. Does nothing
     * where the C library is not glibc.
     */
    public static void keepFreed() {
        var linker = Linker.nativeLinker();
        var function = linker.defaultLookup().find("mallopt");
        if (function.isEmpty()) {
            return;
        }
        var mallopt =
                linker.downcallHandle(
                        function.get(),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int _ = (int) mallopt.invokeExact(M_MMAP_THRESHOLD, 1 << 30);
            int _ = (int) mallopt.invokeExact(M_TRIM_THRESHOLD, Integer.MAX_VALUE);
        } catch (Throwable e) {
            throw new IllegalStateException("mallopt", e);
        }
    }
}
