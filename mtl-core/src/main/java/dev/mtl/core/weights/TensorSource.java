package dev.mtl.core.weights;

import java.io.Closeable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/**
 * An open weight file: an index of tensors, whose elements are read one tensor at a time.
 *
 * <p>Several threads may read at the same time.
 */
public interface TensorSource extends Closeable {

    /** The file, for messages. */
    Path file();

    /** Every tensor by name, in the file's order, unmodifiable. */
    Map<String, TensorInfo> tensors();

    /**
     * Reads one tensor into the remaining bytes of {@code target}, which must be exactly as many as
     * the tensor has; elements are little-endian. Afterwards {@code target} has none remaining. A
     * direct buffer over native memory saves a copy.
     *
     * @throws WeightFileException if there is no such tensor, or its bytes are damaged
     */
    void read(String name, ByteBuffer target);

    /**
     * Reads one tensor of less than 2 GiB into a new heap buffer, little-endian, from position 0.
     *
     * @throws WeightFileException if there is no such tensor, it is larger, or its bytes are
     *     damaged
     */
    default ByteBuffer read(String name) {
        var bytes = info(name).bytes();
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new WeightFileException(
                    file(), "tensor '" + name + "' has " + bytes + " bytes, more than a buffer");
        }
        var buffer = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
        read(name, buffer);
        return buffer.flip();
    }

    /**
     * Name, element type and shape of a tensor.
     *
     * @throws WeightFileException if there is no such tensor
     */
    default TensorInfo info(String name) {
        var info = tensors().get(name);
        if (info == null) {
            throw new WeightFileException(file(), "has no tensor '" + name + "'");
        }
        return info;
    }
}
