package dev.mtl.core.weights.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.WeightFileException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

class BertConversionTest {
    @TempDir Path folder;

    @Test
    void bringsOnnxAndTensorFlowToTheSameFile() throws IOException {
        var fromOnnx = folder.resolve("onnx.safetensors");
        var fromTensorFlow = folder.resolve("tf.safetensors");
        var reported = new AtomicLong();
        try (var onnx = OnnxInitializers.open(TinyBert.onnx(folder.resolve("tiny.onnx")));
                var bundle = TensorFlowBundle.open(TinyBert.bundle(folder))) {
            BertConversion.of(onnx).write(fromOnnx, reported::addAndGet);
            BertConversion.of(bundle).write(fromTensorFlow, bytes -> {});
        }

        assertThat(Files.mismatch(fromOnnx, fromTensorFlow)).isEqualTo(-1);
        try (var reader = SafetensorsReader.open(fromOnnx)) {
            assertThat(reader.tensors()).hasSize(21);
            assertThat(reader.tensors().keySet())
                    .doesNotContain("embeddings.position_ids")
                    .contains("encoder.layer.0.attention.output.LayerNorm.weight");
            for (var info : reader.tensors().values()) {
                var values = new float[(int) info.bytes() / 4];
                reader.read(info.name()).asFloatBuffer().get(values);
                assertThat(values).as("%s", info).isEqualTo(TinyBert.count(values.length));
            }
            assertThat(reader.info("encoder.layer.0.intermediate.dense.weight").shape())
                    .containsExactly(3, 2);
            assertThat(reported)
                    .hasValue(
                            reader.tensors().values().stream().mapToLong(TensorInfo::bytes).sum());
        }
    }

    /** Sizes that are no multiple of the tiles in which matrices are turned. */
    @Test
    void transposesMatricesOfAnySize() throws IOException {
        var rows = 37;
        var columns = 50;
        var file = TinyBert.onnx(folder.resolve("tiny.onnx"));
        var odd =
                new TinyOnnx()
                        .matMul(
                                "/pooler/dense/MatMul",
                                "anonymous",
                                TinyBert.count(rows * columns),
                                rows,
                                columns)
                        .write(folder.resolve("odd.onnx"));
        // Two messages of the same type, one after the other, are merged by every protobuf reader.
        Files.write(file, Files.readAllBytes(odd), StandardOpenOption.APPEND);

        try (var onnx = OnnxInitializers.open(file)) {
            var turned = BertConversion.of(onnx).read("pooler.dense.weight").asFloatBuffer();
            for (var row = 0; row < rows; row++) {
                for (var column = 0; column < columns; column++) {
                    assertThat(turned.get(column * rows + row)).isEqualTo(row * columns + column);
                }
            }
        }
    }

    @Test
    void rejectsAModelThatIsNotABert() throws IOException {
        var file =
                new TinyOnnx().add("conv.weight", new float[1], 1).write(folder.resolve("x.onnx"));

        try (var onnx = OnnxInitializers.open(file)) {
            assertThatThrownBy(() -> BertConversion.of(onnx))
                    .isInstanceOf(WeightFileException.class)
                    .hasMessage(
                            file
                                    + ": is not a BERT: it has no tensor for"
                                    + " 'embeddings.word_embeddings.weight'");
        }
    }
}
