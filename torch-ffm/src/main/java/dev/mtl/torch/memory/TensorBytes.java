package dev.mtl.torch.memory;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.dispatch.TensorMetadata;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The memory of dense tensors on the CPU as byte buffers, without a copy. */
public final class TensorBytes {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);

    private TensorBytes() {}

    /**
     * Runs {@code work} on the memory of tensors. What it writes changes them.
     *
     * @param tensors dense, on the CPU, each of at most 2 GB; any shapes and dtypes; must not be
     *     closed by {@code work}
     * @param work receives a buffer for each tensor, in the processor's byte order, for this thread
     *     only; the buffers are invalid when it returns
     * @throws IllegalArgumentException for another tensor; {@code work} is not called then
     */
    public static void use(List<Tensor> tensors, Consumer<List<ByteBuffer>> work) {
        for (var tensor : tensors) {
            if (!tensor.device().isCpu() || !TENSORS.isDense(tensor)) {
                throw new IllegalArgumentException(
                        tensor + " has no memory of its own: expected a dense tensor on the CPU");
            }
            if (bytes(tensor) > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        tensor + " is too large for a buffer; use slices of it");
            }
        }
        try (var arena = Arena.ofConfined()) {
            use(tensors, arena, new ArrayList<>(), work);
        }
    }

    private static long bytes(Tensor tensor) {
        return tensor.numel() * tensor.dtype().bytes();
    }

    /** Holds one tensor after the other, so that none can be freed meanwhile. */
    private static void use(
            List<Tensor> tensors,
            Arena arena,
            List<ByteBuffer> buffers,
            Consumer<List<ByteBuffer>> work) {
        if (buffers.size() == tensors.size()) {
            work.accept(buffers);
            return;
        }
        var tensor = tensors.get(buffers.size());
        TENSORS.borrow(
                tensor,
                (self, out) -> {
                    buffers.add(buffer(TensorMetadata.memory(self, out, bytes(tensor)), arena));
                    use(tensors, arena, buffers, work);
                    return self;
                });
    }

    @SuppressWarnings("restricted") // ends with the arena
    private static ByteBuffer buffer(MemorySegment memory, Arena arena) {
        return memory.reinterpret(arena, null).asByteBuffer().order(ByteOrder.nativeOrder());
    }
}
