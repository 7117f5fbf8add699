package dev.mtl.core.weights;

import dev.mtl.torch.DType;

/**
 * A tensor in a file.
 *
 * @param begin offset of its first byte in the data that follows the header
 * @param end offset after its last byte
 */
public record TensorInfo(String name, DType dtype, long[] shape, long begin, long end) {
    public TensorInfo {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }
}
