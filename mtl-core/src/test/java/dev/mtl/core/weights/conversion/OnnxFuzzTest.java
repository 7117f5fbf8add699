package dev.mtl.core.weights.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;

import dev.mtl.core.weights.Mutator;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.WeightFileException;
import dev.mtl.torch.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Damaged ONNX models either open, and then every tensor has the bytes that protobuf's own parser
 * finds under its name, or are refused. ONNX has no checksums.
 */
class OnnxFuzzTest {
    private static final int FILES = 20_000;
    private static final long SEED = 20_253;

    @TempDir Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Mutator mutator = new Mutator(random);

    @Test
    void aDamagedModelIsReadRightOrRefused() throws IOException {
        var file = folder.resolve("damaged.onnx");
        var seed = Files.readAllBytes(tiny().write(folder.resolve("seed.onnx")));
        var opened = 0;
        var tensors = 0;
        for (var i = 0; i < FILES; i++) {
            var bytes = mutator.mutate(seed);
            Files.write(file, bytes);
            try (var onnx = OnnxInitializers.open(file)) {
                opened++;
                tensors += onnx.tensors().size();
                requireTrue(onnx, bytes);
            } catch (WeightFileException e) {
                assertThat(e).hasMessageStartingWith(file + ": ");
            } catch (Throwable e) {
                throw new AssertionError("seed %d, file %d".formatted(SEED, i), e);
            }
        }
        System.out.printf(
                "ONNX: %d damaged models, %d opened with %d tensors, %d refused%n",
                FILES, opened, tensors, FILES - opened);
        assertThat(opened).isBetween(FILES / 100, FILES * 9 / 10);
    }

    private static void requireTrue(OnnxInitializers onnx, byte[] bytes)
            throws InvalidProtocolBufferException {
        var values = new HashMap<String, ByteString>();
        for (var graph : UnknownFieldSet.parseFrom(bytes).getField(7).getLengthDelimitedList()) {
            for (var tensor :
                    UnknownFieldSet.parseFrom(graph).getField(5).getLengthDelimitedList()) {
                var fields = UnknownFieldSet.parseFrom(tensor);
                var names = fields.getField(8).getLengthDelimitedList();
                var name = names.isEmpty() ? "" : names.getLast().toStringUtf8();
                // Raw data, or floats where there is none.
                for (var field : new int[] {4, 9}) {
                    for (var run : fields.getField(field).getLengthDelimitedList()) {
                        values.put(name, run);
                    }
                }
            }
        }
        for (var name : onnx.tensors().keySet()) {
            assertThat(onnx.read(name).array()).isEqualTo(bytesOf(values, name));
        }
        assertThat(onnx.tensors().keySet()).containsAll(onnx.matMulWeights().values());
    }

    private static byte[] bytesOf(Map<String, ByteString> values, String name) {
        return values.getOrDefault(name, ByteString.empty()).toByteArray();
    }

    private static TinyOnnx tiny() throws IOException {
        return new TinyOnnx()
                .add("bias", new float[] {1, 2, 3}, 3)
                .add(TinyOnnx.Storage.PACKED_FLOATS, 1, "packed", new float[] {4, 5}, 2)
                .matMul("/e/MatMul", "onnx::MatMul_7", new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    }

    /** Type 6 is INT32, whose elements have as many bytes as a float. */
    @Test
    void rejectsFloatsUnderTheTypeOfIntegers() throws IOException {
        var file = folder.resolve("a.onnx");
        new TinyOnnx()
                .add(TinyOnnx.Storage.PACKED_FLOATS, 6, "a", new float[] {4, 5}, 2)
                .write(file);

        assertThatThrownBy(() -> OnnxInitializers.open(file))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("'a' has floats but is of another type");
    }

    @Test
    void rejectsAMessageInsideGroupsWithoutEnd() throws IOException {
        var file = folder.resolve("groups.onnx");
        var groups = new byte[1_000_000];
        // The tag of field 20 as a group takes two bytes.
        for (var i = 0; i < groups.length; i += 2) {
            groups[i + 1] = 1;
            groups[i] = (byte) 0xa3;
        }
        Files.write(file, groups);

        assertThatThrownBy(() -> OnnxInitializers.open(file))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("field 20 is a group");
    }

    @Test
    void rejectsANameWhoseLengthIsTwoGigabytes() throws IOException {
        var file = folder.resolve("long.onnx");
        // Graph, initializer and name, each said to have 2^31 - 1 bytes, or a little less.
        Files.write(
                file,
                "\u003a\u00f0\u00ff\u00ff\u00ff\u0007\u002a\u00e0\u00ff\u00ff\u00ff\u0007\u0042\u00d0\u00ff\u00ff\u00ff\u0007abc"
                        .getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> OnnxInitializers.open(file))
                .isInstanceOf(WeightFileException.class)
                .hasMessageStartingWith(file + ": ");
    }

    @Test
    void readsTheModelThatTheFuzzDamages() throws IOException {
        try (var onnx = OnnxInitializers.open(tiny().write(folder.resolve("a.onnx")))) {
            assertThat(onnx.tensors().values())
                    .contains(new TensorInfo("packed", DType.FLOAT32, 2));
        }
    }
}
