package dev.mtl.core.weights;

import dev.mtl.torch.DType;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a weight file says about one tensor: its elements lie row-major and little-endian.
 *
 * @param name the name in the file
 * @param dtype the element type
 * @param shape the size of each dimension, empty for a scalar; copied on the way in and out
 */
public record TensorInfo(String name, DType dtype, long[] shape) {

    /**
     * @throws IllegalArgumentException if a dimension is negative
     * @throws ArithmeticException if the number of bytes does not fit a {@code long}
     */
    public TensorInfo {
        shape = shape.clone();
        bytesOf(dtype, shape);
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /** Number of dimensions. */
    public int rank() {
        return shape.length;
    }

    /** The size of one dimension. */
    public long size(int dimension) {
        return shape[dimension];
    }

    /** Bytes of all elements. */
    public long bytes() {
        return bytesOf(dtype, shape);
    }

    private static long bytesOf(DType dtype, long[] shape) {
        long bytes = dtype.bytes();
        for (var size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("negative size in " + Arrays.toString(shape));
            }
            bytes = Math.multiplyExact(bytes, size);
        }
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorInfo that
                && name.equals(that.name)
                && dtype == that.dtype
                && Arrays.equals(shape, that.shape);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, dtype, Arrays.hashCode(shape));
    }

    @Override
    public String toString() {
        return name + " " + dtype + Arrays.toString(shape);
    }
}
