package dev.mtl.core.nn.io;

import dev.mtl.core.weights.SafetensorsWriter;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.torch.Tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/** Writes parameters to weight files. */
public final class ParameterWriter {
    private ParameterWriter() {}

    /**
     * Writes tensors of any device into a {@code .safetensors} file, one after the other.
     *
     * @throws dev.mtl.core.weights.WeightFileException if the file cannot be written
     */
    public static void write(Path file, Map<String, Tensor> tensors) {
        var infos =
                tensors.entrySet().stream()
                        .map(
                                tensor ->
                                        new TensorInfo(
                                                tensor.getKey(),
                                                tensor.getValue().dtype(),
                                                tensor.getValue().shape()))
                        .toList();
        SafetensorsWriter.write(
                file,
                infos,
                SafetensorsWriter.PYTORCH,
                info -> {
                    var bytes =
                            ByteBuffer.allocate(Math.toIntExact(info.bytes()))
                                    .order(ByteOrder.LITTLE_ENDIAN);
                    java.util.Objects.requireNonNull(tensors.get(info.name())).copyTo(bytes);
                    return bytes.flip();
                });
    }
}
