package dev.mtl.torch.dispatch;

import java.lang.foreign.MemorySegment;

/**
 * References for one call of a C function that, unlike the dispatcher, does not consume its tensor
 * arguments: released when this is closed.
 *
 * @see TensorAccess#handle
 */
public final class BorrowedHandles implements AutoCloseable {
    private static final int MAX_HANDLES = 8;

    private final long[] handles = new long[MAX_HANDLES];
    private int count;

    /** Takes ownership of a reference. */
    public MemorySegment take(long handle) {
        handles[count++] = handle;
        return MemorySegment.ofAddress(handle);
    }

    @Override
    public void close() {
        while (count > 0) {
            NativeCalls.deleteTensor(handles[--count]);
        }
    }
}
