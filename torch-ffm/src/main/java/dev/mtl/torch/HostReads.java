package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.function.Function;

/** Elements out of native memory, row by row, whatever the strides and the device. */
public sealed interface HostReads extends Operand permits Tensor {

    /** The elements of a FLOAT32 tensor. */
    default float[] toFloats() {
        return Memory.read(self(), DType.FLOAT32, m -> m.toArray(ValueLayout.JAVA_FLOAT));
    }

    /** The elements of a FLOAT64 tensor. */
    default double[] toDoubles() {
        return Memory.read(self(), DType.FLOAT64, m -> m.toArray(ValueLayout.JAVA_DOUBLE));
    }

    /** The elements of an INT64 tensor. */
    default long[] toLongs() {
        return Memory.read(self(), DType.INT64, m -> m.toArray(ValueLayout.JAVA_LONG));
    }

    /** The elements of a BOOL tensor. */
    default boolean[] toBooleans() {
        return Memory.read(
                self(),
                DType.BOOL,
                m -> {
                    var values = new boolean[Math.toIntExact(m.byteSize())];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = m.get(ValueLayout.JAVA_BYTE, i) != 0;
                    }
                    return values;
                });
    }

    /** A FLOAT32 tensor {@code [N, M]} as N arrays of M. */
    default float[][] toFloatRows() {
        if (self().dim() != 2) {
            throw new IllegalArgumentException("rows of " + self() + ", which is not [N, M]");
        }
        int columns = Math.toIntExact(self().size(1));
        var flat = toFloats();
        var rows = new float[Math.toIntExact(self().size(0))][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = java.util.Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
        return rows;
    }

    /**
     * Reads the elements of a FLOAT32 tensor where they are, without a copy of all of them.
     *
     * @param reader is given the elements, row by row; the buffer is closed when it returns
     */
    default <R> R readFloats(Function<FloatBuffer, R> reader) {
        return Memory.read(
                self(),
                DType.FLOAT32,
                m -> {
                    try (var arena = Arena.ofConfined()) {
                        return reader.apply(
                                m.reinterpret(arena, null)
                                        .asByteBuffer()
                                        .order(ByteOrder.nativeOrder())
                                        .asFloatBuffer()
                                        .asReadOnlyBuffer());
                    }
                });
    }

    /** The one element of a tensor of any dtype as a double. */
    default double item() {
        if (self().numel() != 1) {
            throw new IllegalArgumentException(
                    "item() of " + self() + ", which has not one element");
        }
        try (var _ = TensorScope.open()) {
            return self().to(DType.FLOAT64).toDoubles()[0];
        }
    }

    /** Copies the elements, little-endian, into {@code target} from its position on. */
    default void copyTo(ByteBuffer target) {
        Memory.read(
                self(),
                self().dtype(),
                m -> target.put(m.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN)));
    }

    /** Native memory seen as bytes. */
    final class Memory {
        private Memory() {}

        static <R> R read(Tensor tensor, DType dtype, Function<MemorySegment, R> reader) {
            if (tensor.dtype() != dtype) {
                throw new IllegalArgumentException(
                        "reading " + dtype + " from " + tensor + "; convert it by to(DType) first");
            }
            if (tensor.device().isCpu() && tensor.isDense()) {
                return readDense(tensor, dtype, reader);
            }
            try (var _ = TensorScope.open()) {
                return readDense(tensor.detach().to(Device.CPU).contiguous(), dtype, reader);
            }
        }

        private static <R> R readDense(
                Tensor tensor, DType dtype, Function<MemorySegment, R> reader) {
            if (!tensor.isDense()) {
                throw new IllegalArgumentException(
                        "the elements of " + tensor + " cannot be read: it is packed for a kernel");
            }
            return tensor.hold(
                    (self, out) ->
                            reader.apply(segment(self, out, tensor.numel() * dtype.bytes())));
        }

        /** The memory of a dense tensor in main memory; only while {@code handle} is held. */
        static MemorySegment segment(MemorySegment handle, MemorySegment out, long bytes) {
            NativeCalls.check(
                    LibTorchAbi.aoti_torch_get_data_ptr(handle, out), "aoti_torch_get_data_ptr");
            return out.get(ValueLayout.ADDRESS, 0).reinterpret(bytes);
        }
    }
}
