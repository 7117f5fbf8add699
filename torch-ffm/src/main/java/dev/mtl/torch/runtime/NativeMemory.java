package dev.mtl.torch.runtime;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** Settings of the C library's allocator, which LibTorch uses on the CPU. */
public final class NativeMemory {
    // From glibc's malloc.h.
    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_MMAP_THRESHOLD = -3;

    private NativeMemory() {}

    /**
     * Keeps freed memory in the process for the next allocation. Training frees and allocates the
     * same large blocks in every step; returning them to the system costs a fifth of its time. Has
     * no effect where the C library is not glibc.
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
