package dev.mtl.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mtl.torch.DType;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

class SafetensorsTest {
    @TempDir Path folder;
    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("model.safetensors");
    }

    @Test
    void writesTheBytesOfTheReferenceImplementation() throws IOException {
        var tensors =
                List.of(
                        new TensorInfo("b", DType.UINT8, 3),
                        new TensorInfo("z", DType.FLOAT32),
                        new TensorInfo("a", DType.FLOAT32, 1, 2));

        SafetensorsWriter.write(
                file,
                tensors,
                SafetensorsWriter.PYTORCH,
                tensor -> ByteBuffer.allocate((int) tensor.bytes()));

        // Wide types first, then by name; the header is padded with spaces to eight bytes.
        var header =
                "{\"__metadata__\":{\"format\":\"pt\"},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
                        + "\"z\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]},"
                        + "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[12,15]}}";
        var padded = header + " ".repeat((8 - header.length() % 8) % 8);
        var bytes = Files.readAllBytes(file);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong())
                .isEqualTo(padded.length());
        assertThat(new String(bytes, 8, padded.length(), UTF_8)).isEqualTo(padded);
        assertThat(bytes).hasSize(8 + padded.length() + 15);
    }

    @Test
    void readsPartsOfATensorAndNothingBeyondIt() throws IOException {
        SafetensorsWriter.write(
                file,
                List.of(new TensorInfo("a", DType.UINT8, 4), new TensorInfo("b", DType.UINT8, 4)),
                Map.of(),
                tensor ->
                        ByteBuffer.wrap(
                                tensor.name().equals("a")
                                        ? new byte[] {1, 2, 3, 4}
                                        : new byte[] {5, 6, 7, 8}));
        try (var reader = SafetensorsReader.open(file)) {
            var part = ByteBuffer.allocate(2);
            reader.read("a", 1, part);
            assertThat(part.array()).containsExactly(2, 3);
            reader.read("a", 4, ByteBuffer.allocate(0));
            for (long offset : new long[] {-1, 3, 5, Long.MAX_VALUE, Long.MIN_VALUE}) {
                assertThatThrownBy(() -> reader.read("a", offset, ByteBuffer.allocate(2)))
                        .isInstanceOf(WeightFileException.class)
                        .hasMessageContaining("tensor 'a' has 4 bytes");
            }
        }
    }

    @Test
    void readsBackEveryTypeAndShape() throws IOException {
        var tensors =
                List.of(DType.values()).stream()
                        .map(type -> new TensorInfo(type.name(), type, 2, 0, 3))
                        .toList();
        SafetensorsWriter.write(file, tensors, Map.of(), tensor -> ByteBuffer.allocate(0));

        try (var reader = SafetensorsReader.open(file)) {
            assertThat(reader.tensors().values()).containsExactlyInAnyOrderElementsOf(tensors);
            assertThat(reader.metadata()).isEmpty();
        }
    }

    @Test
    void readsElementsIntoANewBufferOrAGivenOne() throws IOException {
        writeTwo();

        try (var reader = SafetensorsReader.open(file)) {
            assertThat(reader.metadata()).containsExactly(Map.entry("format", "pt"));
            var floats = reader.read("x").asFloatBuffer();
            assertThat(floats.get(0)).isEqualTo(1.5f);
            assertThat(floats.get(1)).isEqualTo(-2f);
            var direct = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);
            reader.read("y", direct);
            assertThat(direct.flip().getLong(8)).isEqualTo(Long.MIN_VALUE);
            assertThatThrownBy(() -> reader.read("y", ByteBuffer.allocate(15)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'y' has 16 bytes, the buffer has room for 15");
            assertThatThrownBy(() -> reader.read("q"))
                    .isInstanceOf(WeightFileException.class)
                    .hasMessageContaining("has no tensor 'q'");
        }
    }

    @Test
    void leavesTheOldFileWhereWritingFails() throws IOException {
        writeTwo();
        var before = Files.readAllBytes(file);

        assertThatThrownBy(
                        () ->
                                SafetensorsWriter.write(
                                        file,
                                        List.of(new TensorInfo("x", DType.FLOAT32, 2)),
                                        Map.of(),
                                        tensor -> ByteBuffer.allocate(4)))
                .hasMessageContaining("needs 8 bytes, got 4");

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertThat(folder).isDirectoryNotContaining("glob:**.writing");
    }

    @Test
    void rejectsAFileThatIsCutShort() throws IOException {
        writeTwo();
        var bytes = Files.readAllBytes(file);
        for (var length : new int[] {0, 7, 8, 40, bytes.length - 1}) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> SafetensorsReader.open(file))
                    .as("%d bytes", length)
                    .isInstanceOf(WeightFileException.class)
                    .hasMessageStartingWith(file.toString());
        }
    }

    @Test
    void namesAFileThatIsMissing() {
        assertThatThrownBy(() -> SafetensorsReader.open(file))
                .isInstanceOf(WeightFileException.class)
                .hasMessage(file + ": no such file");
    }

    /** Each header describes eight bytes of data. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}"
                    + " | overlaps",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | follows a hole",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 4 bytes after the last"
                        + " tensor",
                "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}} | cut short",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | data_offsets give 4"
                        + " bytes",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | bad data_offsets",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}} | bad data_offsets",
                "{'a':{'dtype':'F32','shape':[2]}} | has no list 'data_offsets'",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | bad shape",
                "{'a':{'dtype':'F32','shape':[1.5],'data_offsets':[0,8]}} | bad shape",
                "{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,0]}} | bad"
                        + " shape",
                "{'a':{'dtype':'F8_E4M3','shape':[8],'data_offsets':[0,8]}} | dtype 'F8_E4M3' is"
                        + " not supported",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}"
                    + " | Duplicate field 'a'",
                "{'__metadata__':{'format':1},'a':{'dtype':'I64','shape':[1],'data_offsets':[0,8]}}"
                        + " | metadata 'format' is not a string",
                "[] | does not begin with",
                "{'__metadata__':[]} | __metadata__ is not a JSON object",
                "{'a' | not valid JSON"
            })
    void rejectsAHeaderThatDoesNotFitTheData(String header, String reason) throws IOException {
        writeHeader(header.replace('\'', '"'), 8);

        assertThatThrownBy(() -> SafetensorsReader.open(file))
                .isInstanceOf(WeightFileException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(reason);
    }

    private void writeHeader(String header, int dataBytes) throws IOException {
        var text = header.getBytes(UTF_8);
        var buffer =
                ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, buffer.putLong(text.length).put(text).array());
    }

    private void writeTwo() {
        SafetensorsWriter.write(
                file,
                List.of(
                        new TensorInfo("x", DType.FLOAT32, 2),
                        new TensorInfo("y", DType.INT64, 1, 2)),
                SafetensorsWriter.PYTORCH,
                tensor -> {
                    var buffer = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
                    return tensor.name().equals("x")
                            ? buffer.putFloat(1.5f).putFloat(-2f).flip()
                            : buffer.putLong(7).putLong(Long.MIN_VALUE).flip();
                });
    }
}
