package dev.mtl.core.weights;

import dev.mtl.torch.DType;

import java.util.Arrays;
import java.util.Objects;

/**
 * A tensor of a weight file: its name, element type and shape. The elements are row-major and
 * little-endian. Immutable.
 */
public final class TensorInfo {
    private final String name;
    private final DType dtype;
    private final long[] shape;
    private final long bytes;

    /**
     * @param shape the size of each dimension, empty for a scalar; copied
     * @throws IllegalArgumentException if a dimension is negative
     * @throws ArithmeticException if the number of bytes does not fit a {@code long}
     */
    public TensorInfo(String name, DType dtype, long... shape) {
        this.name = name;
        this.dtype = dtype;
        this.shape = shape.clone();
        long size = dtype.bytes();
        for (var dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("negative size in " + Arrays.toString(shape));
            }
            if (dimension > 0 && size > Long.MAX_VALUE / dimension) {
                throw new ArithmeticException("too many bytes in " + Arrays.toString(shape));
            }
            size *= dimension;
        }
        this.bytes = size;
    }

    /** The name in the file. */
    public String name() {
        return name;
    }

    /** The element type. */
    public DType dtype() {
        return dtype;
    }

    /** The size of each dimension, a copy. */
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

    /** Such as {@code encoder.layer.0.output.dense.weight FLOAT32[768, 3072]}. */
    @Override
    public String toString() {
        return name + " " + dtype + Arrays.toString(shape);
    }
}
