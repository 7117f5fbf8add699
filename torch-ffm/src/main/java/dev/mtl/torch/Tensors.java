package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes tensors from Java's values, and joins several into one. New tensors are in main memory
 * unless a device is named; they belong to the innermost open scope.
 */
public final class Tensors {
    private Tensors() {}

    /** A FLOAT32 tensor; no sizes make a tensor without dimensions. */
    public static Tensor of(float[] values, long... shape) {
        return filled(DType.FLOAT32, values.length, MemorySegment.ofArray(values), shape);
    }

    /** A FLOAT64 tensor. */
    public static Tensor of(double[] values, long... shape) {
        return filled(DType.FLOAT64, values.length, MemorySegment.ofArray(values), shape);
    }

    /** An INT64 tensor. */
    public static Tensor of(long[] values, long... shape) {
        return filled(DType.INT64, values.length, MemorySegment.ofArray(values), shape);
    }

    /** A BOOL tensor. */
    public static Tensor of(boolean[] values, long... shape) {
        var bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return filled(DType.BOOL, values.length, MemorySegment.ofArray(bytes), shape);
    }

    /** A FLOAT32 tensor without dimensions. */
    public static Tensor scalar(float value) {
        return of(new float[] {value});
    }

    /**
     * A tensor of any dtype from little-endian bytes: all that remain in {@code bytes}, which is
     * left as it was.
     */
    public static Tensor of(ByteBuffer bytes, DType dtype, long... shape) {
        return filled(
                dtype, bytes.remaining() / dtype.bytes(), MemorySegment.ofBuffer(bytes), shape);
    }

    /**
     * A tensor whose bytes are written straight into its memory, without a copy in between.
     *
     * @param writer is given all of its bytes, little-endian, and must fill them; the buffer is
     *     closed when it returns
     */
    public static Tensor written(DType dtype, Consumer<ByteBuffer> writer, long... shape) {
        var tensor = empty(dtype, Device.CPU, shape);
        tensor.hold(
                (self, out) -> {
                    var memory =
                            HostReads.Memory.segment(self, out, product(shape) * dtype.bytes());
                    try (var arena = Arena.ofConfined()) {
                        writer.accept(
                                memory.reinterpret(arena, null)
                                        .asByteBuffer()
                                        .order(ByteOrder.LITTLE_ENDIAN));
                    }
                    return tensor;
                });
        return tensor;
    }

    private static Tensor filled(DType dtype, long count, MemorySegment values, long... shape) {
        if (count != product(shape) || values.byteSize() != count * dtype.bytes()) {
            throw new IllegalArgumentException(
                    values.byteSize() / dtype.bytes()
                            + " values of "
                            + dtype
                            + " do not fill the shape "
                            + Arrays.toString(shape));
        }
        var tensor = empty(dtype, Device.CPU, shape);
        tensor.borrow(
                (self, out) ->
                        HostReads.Memory.segment(self, out, values.byteSize()).copyFrom(values));
        return tensor;
    }

    /** A tensor whose elements are whatever its memory held. */
    public static Tensor empty(DType dtype, Device device, long... shape) {
        LibTorch.get();
        var scope = TensorScope.current("empty");
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("a tensor of shape " + Arrays.toString(shape));
            }
        }
        var sizes = Scratch.get().bytes(2L * Long.BYTES * Math.max(1, shape.length));
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            sizes.setAtIndex(ValueLayout.JAVA_LONG, i, shape[i]);
            sizes.setAtIndex(ValueLayout.JAVA_LONG, shape.length + i, stride);
            stride *= Math.max(1, shape[i]);
        }
        var out = Scratch.get().out();
        int code =
                LibTorchAbi.aoti_torch_empty_strided(
                        shape.length,
                        sizes,
                        sizes.asSlice((long) Long.BYTES * shape.length),
                        dtype.code(),
                        device.type().code(),
                        device.index(),
                        out);
        if (code != 0) {
            throw NativeCalls.failure(
                    "empty(" + dtype + Arrays.toString(shape) + " " + device + ")");
        }
        return Tensor.adopt(out.get(ValueLayout.JAVA_LONG, 0), scope);
    }

    /** A tensor of zeros. */
    public static Tensor zeros(DType dtype, Device device, long... shape) {
        return empty(dtype, device, shape).zero();
    }

    /** A tensor in which every element is {@code value}. */
    public static Tensor full(DType dtype, Device device, double value, long... shape) {
        var tensor = empty(dtype, device, shape);
        tensor.borrow(
                (self, out) -> {
                    NativeCalls.check(
                            LibTorchAbi.aoti_torch_aten_fill__Scalar(self, value), "aten::fill_");
                    return self;
                });
        return tensor;
    }

    /** Joins tensors along a dimension that they have. */
    public static Tensor cat(List<Tensor> tensors, int dimension) {
        return Aten.CAT.tensor(tensors, dimension);
    }

    /** Joins tensors of one shape along a new dimension. */
    public static Tensor stack(List<Tensor> tensors, int dimension) {
        return Aten.STACK.tensor(tensors, dimension);
    }

    /** A tensor without dimensions that does not change the dtype of what it is combined with. */
    static Tensor scalarFor(Tensor other, double value) {
        var dtype = other.dtype().isFloatingPoint() ? other.dtype() : DType.FLOAT32;
        // On the host also for CUDA operands: there, one element may come from main memory.
        return full(dtype, Device.CPU, value);
    }

    static long[] longs(int... values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    private static long product(long... shape) {
        long count = 1;
        for (long size : shape) {
            count = Math.multiplyExact(count, size);
        }
        return count;
    }
}
