package dev.mtl.core.pooling.modules;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.core.weights.SafetensorsWriter;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.torch.DType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@link Normalization#LAYER_NORM} as sentence-transformers' module {@code LayerNorm}. That module
 * has learned weights, which MTL writes as ones and zeros.
 */
final class LayerNormModule {
    private static final String WEIGHT = "norm.weight";
    private static final String BIAS = "norm.bias";
    private static final String FILE = "model.safetensors";

    private LayerNormModule() {}

    /** Writes the module's folder. */
    static void write(Path folder, int hiddenSize) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), "{\"dimension\": " + hiddenSize + "}\n");
        SafetensorsWriter.write(
                folder.resolve(FILE),
                List.of(
                        new TensorInfo(WEIGHT, DType.FLOAT32, hiddenSize),
                        new TensorInfo(BIAS, DType.FLOAT32, hiddenSize)),
                SafetensorsWriter.PYTORCH,
                info -> filled(hiddenSize, info.name().equals(WEIGHT) ? 1 : 0));
    }

    private static ByteBuffer filled(int count, float value) {
        var bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(value);
        }
        return bytes.flip();
    }

    /**
     * Checks that the weights in a module's folder are ones and its biases zeros.
     *
     * @throws MtlException if they are not, or cannot be read
     */
    static void requirePlain(Path folder) {
        var file = folder.resolve(FILE);
        try (var reader = SafetensorsReader.open(file)) {
            if (!isAll(reader.read(WEIGHT), 1) || !isAll(reader.read(BIAS), 0)) {
                throw new MtlException(
                        file + ": a LayerNorm with learned weights, which is not supported");
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be closed: " + Reasons.of(e), e);
        }
    }

    private static boolean isAll(ByteBuffer bytes, float value) {
        var floats = bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        while (floats.hasRemaining()) {
            if (floats.get() != value) {
                return false;
            }
        }
        return true;
    }
}
