package dev.mtl.torch;

import java.lang.foreign.MemorySegment;

/**
 * References to the tensors of one call of a C function that, unlike the dispatcher, does not
 * consume them. They keep a shared tensor's memory while the call runs, whoever closes it; one that
 * only this thread can close needs none.
 */
final class BorrowedHandles implements AutoCloseable {
    private static final int MAX_HANDLES = 8;

    private final long[] handles = new long[MAX_HANDLES];
    private int count;

    /** The handle of a tensor, until this is closed. */
    MemorySegment of(Tensor tensor) {
        return tensor.isConfined()
                ? MemorySegment.ofAddress(tensor.ownHandle())
                : take(tensor.newReference());
    }

    /** A handle that goes when this is closed. */
    MemorySegment take(long handle) {
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
