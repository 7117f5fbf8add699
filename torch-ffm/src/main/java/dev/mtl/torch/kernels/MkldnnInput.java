package dev.mtl.torch.kernels;

import dev.mtl.torch.Tensor;

/**
 * A tensor in oneDNN's layout, which only {@link MkldnnLinear#forward} can read. It belongs to the
 * scope that was innermost when it was made.
 */
public final class MkldnnInput implements AutoCloseable {
    private final Tensor tensor;
    private final long width;

    MkldnnInput(Tensor tensor, long width) {
        this.tensor = tensor;
        this.width = width;
    }

    /** The size of the last dimension. */
    long width() {
        return width;
    }

    Tensor tensor() {
        return tensor;
    }

    /** Frees the tensor now, earlier than its scope. */
    @Override
    public void close() {
        tensor.close();
    }
}
