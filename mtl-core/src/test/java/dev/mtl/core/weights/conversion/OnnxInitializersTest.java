package dev.mtl.core.weights.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.WeightFileException;
import dev.mtl.torch.DType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

class OnnxInitializersTest {
    @TempDir Path folder;
    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("tiny.onnx");
    }

    @Test
    void readsInitializersAndWhatMatMulNodesMultiplyWith() throws IOException {
        new TinyOnnx()
                .add("bias", new float[] {1, 2, 3}, 3)
                .add(TinyOnnx.Storage.PACKED_FLOATS, 1, "packed", new float[] {4, 5}, 2)
                .add(TinyOnnx.Storage.RAW, 8, "strings", new float[] {0}, 1)
                .matMul("/encoder/MatMul", "onnx::MatMul_7", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                .write(file);

        try (var onnx = OnnxInitializers.open(file)) {
            assertThat(onnx.tensors().values())
                    .as("type 8, a string, has no counterpart")
                    .containsExactly(
                            new TensorInfo("bias", DType.FLOAT32, 3),
                            new TensorInfo("packed", DType.FLOAT32, 2),
                            new TensorInfo("onnx::MatMul_7", DType.FLOAT32, 2, 3));
            assertThat(onnx.matMulWeights())
                    .containsExactly(Map.entry("/encoder/MatMul", "onnx::MatMul_7"));
            assertThat(onnx.read("bias").getFloat(8)).isEqualTo(3);
            assertThat(onnx.read("packed").getFloat(4)).isEqualTo(5);
            assertThat(onnx.read("onnx::MatMul_7").getFloat(20)).isEqualTo(6);
        }
    }

    @Test
    void rejectsAFileThatIsCutShortAnywhere() throws IOException {
        new TinyOnnx().add("bias", new float[] {1, 2, 3}, 3).write(file);
        var bytes = Files.readAllBytes(file);
        for (var length = 0; length < bytes.length; length++) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> OnnxInitializers.open(file))
                    .as("%d bytes of %d", length, bytes.length)
                    .isInstanceOf(WeightFileException.class)
                    .hasMessageStartingWith(file.toString());
        }
    }

    @Test
    void rejectsValuesThatDoNotFitTheShape() throws IOException {
        new TinyOnnx().add("bias", new float[] {1, 2}, 3).write(file);

        assertThatThrownBy(() -> OnnxInitializers.open(file))
                .hasMessage(file + ": bias FLOAT32[3] has 8 bytes");
    }

    @Test
    void rejectsValuesInAnotherFile() throws IOException {
        new TinyOnnx().add(TinyOnnx.Storage.EXTERNAL, 1, "bias", new float[] {1}, 1).write(file);

        assertThatThrownBy(() -> OnnxInitializers.open(file))
                .hasMessageContaining("keeps 'bias' in another file");
    }

    @Test
    void rejectsAnInitializerGivenTwice() throws IOException {
        new TinyOnnx().add("a", new float[] {1}, 1).add("a", new float[] {1}, 1).write(file);

        assertThatThrownBy(() -> OnnxInitializers.open(file)).hasMessageContaining("has 'a' twice");
    }

    @Test
    void rejectsAFileOfAnotherKind() throws IOException {
        Files.writeString(file, "<html>not found</html>");

        assertThatThrownBy(() -> OnnxInitializers.open(file))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("not an ONNX model");
    }
}
