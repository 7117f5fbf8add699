package dev.mtl.torch;

import dev.mtl.torch.dispatch.TensorMetadata;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.Function;

/** Elements as Java values, in row-major order, whatever the strides and the device. */
sealed interface HostReads extends Operand permits Tensor {

    /** The elements of a FLOAT32 tensor. */
    default float[] toFloats() {
        return read(self(), DType.FLOAT32, m -> m.toArray(ValueLayout.JAVA_FLOAT));
    }

    /** The elements of a FLOAT64 tensor. */
    default double[] toDoubles() {
        return read(self(), DType.FLOAT64, m -> m.toArray(ValueLayout.JAVA_DOUBLE));
    }

    /** The elements of an INT64 tensor. */
    default long[] toLongs() {
        return read(self(), DType.INT64, m -> m.toArray(ValueLayout.JAVA_LONG));
    }

    /** The elements of a BOOL tensor. */
    default boolean[] toBooleans() {
        return read(
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

    /** The rows of a FLOAT32 tensor {@code [N, M]}: N arrays of length M. */
    default float[][] toFloatRows() {
        if (self().dim() != 2) {
            throw new IllegalArgumentException("toFloatRows() of " + self() + ": not [N, M]");
        }
        int columns = Math.toIntExact(self().size(1));
        var flat = toFloats();
        var rows = new float[Math.toIntExact(self().size(0))][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
        }
        return rows;
    }

    /**
     * Reads the elements of a FLOAT32 tensor in place; a dense tensor on the CPU is not copied.
     *
     * @param reader receives the elements in row-major order; the buffer is invalid when it returns
     */
    default <R> R readFloats(Function<FloatBuffer, R> reader) {
        return read(
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

    /** The only element of a tensor of any dtype as a double. */
    default double item() {
        if (self().numel() != 1) {
            throw new IllegalArgumentException(
                    "item() of " + self() + ": it must have exactly one element");
        }
        try (var _ = TensorScope.open()) {
            return self().to(DType.FLOAT64).toDoubles()[0];
        }
    }

    /** Copies the elements as little-endian bytes into {@code target}, from its position on. */
    default void copyTo(ByteBuffer target) {
        read(
                self(),
                self().dtype(),
                m -> target.put(m.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN)));
    }

    private static <R> R read(Tensor tensor, DType dtype, Function<MemorySegment, R> reader) {
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

    private static <R> R readDense(Tensor tensor, DType dtype, Function<MemorySegment, R> reader) {
        if (!tensor.isDense()) {
            throw new IllegalArgumentException(
                    "the elements of " + tensor + " cannot be read: it is packed for a kernel");
        }
        return tensor.hold(
                (handle, out) ->
                        reader.apply(
                                TensorMetadata.memory(
                                        handle, out, tensor.numel() * dtype.bytes())));
    }
}
