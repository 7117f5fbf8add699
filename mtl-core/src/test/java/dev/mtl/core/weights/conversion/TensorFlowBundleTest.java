package dev.mtl.core.weights.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedInputStream;

import dev.mtl.core.internal.MaskedCrc32c;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.WeightFileException;
import dev.mtl.torch.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

class TensorFlowBundleTest {
    @TempDir Path folder;

    @Test
    void readsTensorsAtOddOffsetsOfSeveralBlocks() throws IOException {
        var index =
                tiny().addRaw("step", 9, new byte[8], TinyBundle.masked(new byte[8]))
                        .addRaw("text", 7, new byte[3], 0, 1)
                        .write(folder);

        try (var bundle = TensorFlowBundle.open(index)) {
            assertThat(bundle.tensors().values())
                    .as("strings have no counterpart")
                    .containsExactly(
                            new TensorInfo("bert/a/kernel", DType.FLOAT32, 2, 3),
                            new TensorInfo("bert/b", DType.FLOAT32, 1),
                            new TensorInfo("bert/bias", DType.FLOAT32, 3),
                            new TensorInfo("step", DType.INT64));
            var values = new float[6];
            bundle.read("bert/a/kernel").asFloatBuffer().get(values);
            assertThat(values).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(bundle.read("bert/b").getFloat()).isEqualTo(0.5f);
        }
    }

    @Test
    void rejectsATensorWhoseChecksumIsWrong() throws IOException {
        var index = tiny().write(folder);
        var data = folder.resolve("variables.data-00000-of-00001");
        var bytes = Files.readAllBytes(data);
        bytes[15] ^= 1;
        Files.write(data, bytes);

        try (var bundle = TensorFlowBundle.open(index)) {
            assertThatThrownBy(() -> bundle.read("bert/a/kernel"))
                    .isInstanceOf(WeightFileException.class)
                    .hasMessage(data + ": tensor 'bert/a/kernel' is damaged (CRC)");
        }
    }

    @Test
    void rejectsAnIndexWithAFlippedBitAnywhere() throws IOException {
        var index = tiny().write(folder);
        var bytes = Files.readAllBytes(index);
        var footer = bytes.length - 48;
        for (var i = 0; i < footer; i++) {
            bytes[i] ^= 4;
            Files.write(index, bytes);
            if (!isInMetaIndex(index, bytes, i)) {
                assertThatThrownBy(() -> TensorFlowBundle.open(index))
                        .as("byte %d", i)
                        .isInstanceOf(WeightFileException.class)
                        .hasMessageStartingWith(index.toString());
            }
            bytes[i] ^= 4;
        }
    }

    /** The meta index is empty, and nothing reads it. */
    private static boolean isInMetaIndex(Path index, byte[] bytes, int position)
            throws IOException {
        assertThat(index).isRegularFile();
        var footer = ByteBuffer.wrap(bytes, bytes.length - 48, 48);
        var input = CodedInputStream.newInstance(footer);
        var start = input.readRawVarint64();
        var length = input.readRawVarint64();
        return position >= start && position < start + length + 5;
    }

    @Test
    void rejectsFilesThatAreCutShortOrMissing() throws IOException {
        var index = tiny().write(folder);
        var data = folder.resolve("variables.data-00000-of-00001");
        var all = Files.readAllBytes(data);
        Files.write(data, Arrays.copyOf(all, all.length - 1));
        assertThatThrownBy(() -> TensorFlowBundle.open(index))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("outside the file (cut short?)");

        Files.delete(data);
        assertThatThrownBy(() -> TensorFlowBundle.open(index)).hasMessage(data + ": no such file");

        var table = Files.readAllBytes(index);
        for (var length : new int[] {0, 47, table.length - 1}) {
            Files.write(index, Arrays.copyOf(table, length));
            assertThatThrownBy(() -> TensorFlowBundle.open(index))
                    .hasMessageContaining("not a LevelDB table");
        }
    }

    @Test
    void rejectsCompressedBlocksAndSeveralShards() throws IOException {
        var compressed = tiny().compression(1).write(folder);
        assertThatThrownBy(() -> TensorFlowBundle.open(compressed))
                .hasMessageContaining("is compressed (type 1), which is not supported");

        var sharded = tiny().shards(2).write(folder);
        assertThatThrownBy(() -> TensorFlowBundle.open(sharded))
                .hasMessageContaining("has 2 shards");
    }

    @Test
    void rejectsAnEntryWhoseSizeDoesNotFitItsShape() throws IOException {
        var index = tiny().addRaw("odd", 1, new byte[6], 0, 2).write(folder);

        assertThatThrownBy(() -> TensorFlowBundle.open(index))
                .hasMessageContaining("odd FLOAT32[2]: the index says 6 bytes");
    }

    /** The check value of CRC-32C and LevelDB's own mask of it. */
    @Test
    void masksChecksumsAsLevelDbDoes() {
        var bytes = "123456789".getBytes(StandardCharsets.US_ASCII);

        var crc = 0xe3069283;
        assertThat(MaskedCrc32c.of(ByteBuffer.wrap(bytes)))
                .isEqualTo(((crc >>> 15) | (crc << 17)) + 0xa282ead8);
    }

    private static TinyBundle tiny() throws IOException {
        return new TinyBundle()
                .add("bert/bias", new float[] {7, 8, 9}, 3)
                .add("bert/a/kernel", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                .add("bert/b", new float[] {0.5f}, 1);
    }
}
