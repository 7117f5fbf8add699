package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.NativeCalls;
import dev.mtl.torch.dispatch.Scratch;
import dev.mtl.torch.dispatch.TensorMetadata;
import dev.mtl.torch.loading.LibTorch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Creates tensors from Java values, and concatenates tensors. New tensors are on the CPU unless a
 * device is given; they belong to the innermost open scope.
 */
public final class Tensors {
    private Tensors() {}

    /** A FLOAT32 tensor; an empty shape makes a 0-dimensional tensor. */
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

    /** A 0-dimensional FLOAT32 tensor. */
    public static Tensor scalar(float value) {
        return of(new float[] {value});
    }

    /**
     * A tensor of any dtype from the remaining little-endian bytes of a buffer, whose position is
     * not changed.
     *
     * @param bytes for BOOL each 0 or 1
     */
    public static Tensor of(ByteBuffer bytes, DType dtype, long... shape) {
        if (dtype == DType.BOOL) {
            requireBooleans(MemorySegment.ofBuffer(bytes));
        }
        return filled(
                dtype, bytes.remaining() / dtype.bytes(), MemorySegment.ofBuffer(bytes), shape);
    }

    /**
     * A tensor whose elements are written directly into its memory, without a copy.
     *
     * @param writer must fill the buffer of all elements, little-endian (BOOL: each 0 or 1); the
     *     buffer is invalid when it returns
     */
    public static Tensor written(DType dtype, Consumer<ByteBuffer> writer, long... shape) {
        var tensor = empty(dtype, Device.CPU, shape);
        tensor.hold(
                (self, out) -> {
                    var memory = TensorMetadata.memory(self, out, product(shape) * dtype.bytes());
                    try (var arena = Arena.ofConfined()) {
                        writer.accept(
                                memory.reinterpret(arena, null)
                                        .asByteBuffer()
                                        .order(ByteOrder.LITTLE_ENDIAN));
                    }
                    if (dtype == DType.BOOL) {
                        requireBooleans(memory);
                    }
                    return tensor;
                });
        return tensor;
    }

    /** In C++ a bool of another value is undefined behaviour: some kernels count by it. */
    private static void requireBooleans(MemorySegment bytes) {
        for (long i = 0; i < bytes.byteSize(); i++) {
            byte value = bytes.get(ValueLayout.JAVA_BYTE, i);
            if (value != 0 && value != 1) {
                throw new IllegalArgumentException(
                        "element %d of BOOL is %d: expected 0 or 1".formatted(i, value));
            }
        }
    }

    private static Tensor filled(DType dtype, long count, MemorySegment values, long... shape) {
        if (count != product(shape) || values.byteSize() != count * dtype.bytes()) {
            throw new IllegalArgumentException(
                    "%d values of %s do not fill the shape %s"
                            .formatted(
                                    values.byteSize() / dtype.bytes(),
                                    dtype,
                                    Arrays.toString(shape)));
        }
        var tensor = empty(dtype, Device.CPU, shape);
        tensor.borrow(
                (self, out) ->
                        TensorMetadata.memory(self, out, values.byteSize()).copyFrom(values));
        return tensor;
    }

    /** A tensor with uninitialized elements. */
    public static Tensor empty(DType dtype, Device device, long... shape) {
        LibTorch.get();
        DISPATCHER.requireScope("empty");
        product(shape);
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
        return DISPATCHER.adopt(out.get(ValueLayout.JAVA_LONG, 0));
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

    /** Concatenates tensors along an existing dimension. */
    public static Tensor cat(List<Tensor> tensors, int dimension) {
        return DISPATCHER.call(Aten.CAT, tensors, dimension);
    }

    /** Stacks tensors of equal shape along a new dimension. */
    public static Tensor stack(List<Tensor> tensors, int dimension) {
        return DISPATCHER.call(Aten.STACK, tensors, dimension);
    }

    /** A 0-dimensional operand that does not change the result's dtype. */
    static Tensor scalarFor(Tensor other, double value) {
        var dtype = other.dtype().isFloatingPoint() ? other.dtype() : DType.FLOAT32;
        // On the CPU even for CUDA operands: operators accept 0-dimensional operands from there.
        return full(dtype, Device.CPU, value);
    }

    static long[] longs(int... values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    /** The number of elements. */
    private static long product(long... shape) {
        // Zeros count as ones here, so that strides cannot overflow either.
        long count = 1;
        boolean empty = false;
        for (long size : shape) {
            empty |= size == 0;
            if (size < 0 || Math.multiplyHigh(count, size) != 0 || count * size < 0) {
                throw new IllegalArgumentException(
                        (size < 0 ? "negative size in shape " : "too many elements in shape ")
                                + Arrays.toString(shape));
            }
            count *= Math.max(1, size);
        }
        return empty ? 0 : count;
    }
}
