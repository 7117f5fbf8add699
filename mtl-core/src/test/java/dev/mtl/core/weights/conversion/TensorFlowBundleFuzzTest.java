package dev.mtl.core.weights.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedInputStream;

import dev.mtl.core.weights.Mutator;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.WeightFileException;
import dev.mtl.torch.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damaged checkpoints, most of them with checksums made right again, so that the damage reaches
 * what the checksums guard. Tensors have checksums of their own: what is read is one that was
 * written.
 */
class TensorFlowBundleFuzzTest {
    private static final int FILES = 20_000;
    private static final long SEED = 20_252;
    private static final float[][] VALUES = {{7, 8, 9}, {1, 2, 3, 4, 5, 6}, {0.5f}, {}};

    @TempDir Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Mutator mutator = new Mutator(random);

    @Test
    void aDamagedCheckpointIsReadRightOrRefused() throws IOException {
        var opened = 0;
        var read = 0;
        var damagedTensors = 0;
        for (var i = 0; i < FILES; i++) {
            var index = damaged();
            try (var bundle = TensorFlowBundle.open(index)) {
                opened++;
                for (var name : bundle.tensors().keySet()) {
                    try {
                        requireWritten(bundle.read(name).array());
                        read++;
                    } catch (WeightFileException e) {
                        damagedTensors++;
                    }
                }
            } catch (WeightFileException e) {
                assertThat(e).hasMessageStartingWith(folder.toString());
            } catch (Throwable e) {
                throw new AssertionError("seed %d, file %d".formatted(SEED, i), e);
            }
        }
        System.out.printf(
                "TensorFlow: %d damaged checkpoints, %d opened (%d tensors read, %d refused), %d"
                        + " refused%n",
                FILES, opened, read, damagedTensors, FILES - opened);
        assertThat(read).isPositive();
        assertThat(damagedTensors).isPositive();
    }

    private static void requireWritten(byte[] bytes) {
        var values = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        assertThat(List.of(VALUES)).anyMatch(written -> Arrays.equals(written, values));
    }

    private Path damaged() throws IOException {
        var bundle = tiny();
        var rows = List.copyOf(bundle.rows().keySet());
        var key = rows.get(random.nextInt(rows.size()));
        var row = bundle.rows().getOrDefault(key, new byte[0]);
        return switch (random.nextInt(4)) {
            case 0 -> rewritten(bundle.write(folder), mutator::mutate);
            case 1 -> rewritten(bundle.write(folder), this::damagedInABlock);
            case 2 -> {
                var index = bundle.write(folder);
                rewritten(folder.resolve("variables.data-00000-of-00001"), mutator::mutate);
                yield index;
            }
            default -> bundle.row(key, mutator.mutate(row)).write(folder);
        };
    }

    @FunctionalInterface
    private interface Change {
        byte[] of(byte[] bytes) throws IOException;
    }

    private static Path rewritten(Path file, Change change) throws IOException {
        return Files.write(file, change.of(Files.readAllBytes(file)));
    }

    /** Other bytes in a block of entries, and the checksum that they have. */
    private byte[] damagedInABlock(byte[] table) throws IOException {
        var footer = CodedInputStream.newInstance(table, table.length - 48, 48);
        footer.readRawVarint64();
        footer.readRawVarint64();
        var indexStart = (int) footer.readRawVarint64();
        var indexLength = (int) footer.readRawVarint64();
        var inIndex = random.nextInt(3) == 0;
        var start = inIndex ? indexStart : 0;
        var length = inIndex ? indexLength : firstBlockLength(table, indexStart);
        for (var i = random.nextInt(1, 4); i > 0; i--) {
            table[start + random.nextInt(length)] =
                    (byte) (random.nextInt(256) >> random.nextInt(8));
        }
        var crc = TinyBundle.masked(Arrays.copyOfRange(table, start, start + length + 1));
        ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).putInt(start + length + 1, crc);
        return table;
    }

    /** The index's first entry: three lengths, the key, and the handle, an offset of 0 and this. */
    private static int firstBlockLength(byte[] table, int indexStart) throws IOException {
        var index = CodedInputStream.newInstance(table, indexStart, table.length - indexStart);
        index.readRawVarint32();
        var key = index.readRawVarint32();
        index.readRawVarint32();
        index.skipRawBytes(key);
        index.readRawVarint32();
        return index.readRawVarint32();
    }

    private static TinyBundle tiny() throws IOException {
        return new TinyBundle()
                .add("bert/bias", new float[] {7, 8, 9}, 3)
                .add("bert/a/kernel", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                .add("bert/b", new float[] {0.5f}, 1);
    }

    /** Each name begins with the whole name before it, so that four bytes say thousands. */
    @Test
    void rejectsAnIndexThatUnfoldsToFarMoreThanItsBytes() throws IOException {
        var bundle = tiny();
        for (var length = 1; length <= 3000; length++) {
            bundle.row("x".repeat(length), new byte[0]);
        }
        var index = bundle.write(folder);

        assertThat(Files.size(index)).isLessThan(30_000);
        assertThatThrownBy(() -> TensorFlowBundle.open(index))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("far larger than the file");
    }

    @Test
    void rejectsATensorInAnotherShardOrOfAnotherWireType() throws IOException {
        var row = tiny().rows().getOrDefault("bert/b", new byte[0]);
        var inShard = Mutator.spliced(row, 0, 0, new byte[] {3 << 3, 1});
        var index = tiny().row("bert/b", inShard).write(folder);
        assertThatThrownBy(() -> TensorFlowBundle.open(index))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("bert/b FLOAT32[1] lies in shard 1 of one");

        var asFixed = Mutator.spliced(row, 0, 0, new byte[] {4 << 3 | 5, 0, 0, 0, 0});
        tiny().row("bert/b", asFixed).write(folder);
        assertThatThrownBy(() -> TensorFlowBundle.open(index))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("field 4 has the wrong wire type 5");
    }

    @Test
    void readsTheBundleThatTheFuzzDamages() throws IOException {
        try (var bundle = TensorFlowBundle.open(tiny().write(folder))) {
            assertThat(bundle.tensors().values())
                    .contains(new TensorInfo("bert/b", DType.FLOAT32, 1));
        }
    }
}
