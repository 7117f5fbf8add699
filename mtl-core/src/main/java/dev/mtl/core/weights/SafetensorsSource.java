package dev.mtl.core.weights;

import java.nio.ByteBuffer;

/** Weights in the safetensors format, of which also a part of a tensor can be read. */
public sealed interface SafetensorsSource extends TensorSource
        permits SafetensorsReader, ShardedReader {

    /**
     * Fills the remaining bytes of {@code target} from within a tensor, little-endian.
     *
     * @param offset bytes from the tensor's first
     * @throws WeightFileException if there is no such tensor, it ends before, or the file cannot be
     *     read
     */
    void read(String name, long offset, ByteBuffer target);
}
