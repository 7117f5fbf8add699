package dev.mtl.core.weights;

import java.nio.ByteBuffer;

/** Weights in the safetensors format; parts of a tensor can be read as well. */
public sealed interface SafetensorsSource extends TensorSource
        permits SafetensorsReader, ShardedReader {

    /**
     * Fills the remaining bytes of {@code target} from within a tensor, little-endian.
     *
     * @param offset in bytes, from the tensor's first byte
     * @throws WeightFileException if there is no such tensor, the range exceeds it, or the file
     *     cannot be read
     */
    void read(String name, long offset, ByteBuffer target);
}
