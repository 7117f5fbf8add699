package dev.mtl.torch.dispatch;

import java.lang.foreign.MemorySegment;

/**
 * A native call on a borrowed tensor handle.
 *
 * @param <R> what it returns
 */
@FunctionalInterface
public interface NativeCall<R> {
    /**
     * Makes the call.
     *
     * @param handle of the tensor, valid during the call only
     * @param out sixteen bytes for a result
     */
    R apply(MemorySegment handle, MemorySegment out);
}
