package dev.mtl.core.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.weights.Safetensors;
import dev.mtl.core.weights.WeightFileException;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

class WordRowsTest {
    private static final Path FOLDER = Path.of("src/test/resources/dev/mtl/core/bert/tiny-bert");

    @TempDir Path directory;
    private final BertConfig config = BertConfig.read(FOLDER.resolve("config.json"));

    private static TokenBatch batch(long[]... rows) {
        return TokenBatch.of(
                Arrays.stream(rows)
                        .map(
                                ids -> {
                                    var zeros = new int[ids.length];
                                    return new Encoding(
                                            ids, new long[ids.length], zeros, zeros, zeros, false);
                                })
                        .toList(),
                0,
                Device.CPU);
    }

    private WordRows rows(Path file) {
        return new WordRows(
                Safetensors.open(file), WordRows.WEIGHT, config.vocabSize(), config.hiddenSize());
    }

    @Test
    void areThoseOfTheTable() throws IOException {
        long before = Tensor.liveCount();
        var rows = rows(FOLDER.resolve("model.safetensors"));
        try (var owner = TensorScope.shared();
                var _ = TensorScope.open()) {
            var table =
                    BertWeights.load(
                            FOLDER.resolve("model.safetensors"), config, Device.CPU, owner);
            for (var batch :
                    List.of(
                            batch(new long[] {0}),
                            batch(new long[] {100, 0, 99, 98, 100}),
                            batch(new long[] {5, 6, 7, 9}, new long[] {3, 3, 8, 1}))) {
                assertThat(rows.of(batch).toFloats())
                        .containsExactly(Bert.words(table, batch).toFloats());
            }
            var padded = batch(new long[] {2, 4, 6}, new long[] {7});
            assertThat(rows.of(padded).select(0, 1).select(0, 0).toFloats())
                    .containsExactly(
                            Bert.words(table, padded).select(0, 1).select(0, 0).toFloats());
        } finally {
            rows.source().close();
        }
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void rejectIdsOutsideOfTheVocabulary() throws IOException {
        var rows = rows(FOLDER.resolve("model.safetensors"));
        try (var _ = TensorScope.open()) {
            for (long id : new long[] {-1, 101, Long.MAX_VALUE}) {
                assertThatThrownBy(() -> rows.of(batch(new long[] {1, id})))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("vocabulary has 101")
                        .hasMessageContaining(Long.toString(id));
            }
        } finally {
            rows.source().close();
        }
    }

    @Test
    void aFileCutOffWhileOpenIsAnException() throws IOException {
        var file = directory.resolve("model.safetensors");
        Files.copy(FOLDER.resolve("model.safetensors"), file);
        var rows = rows(file);
        try (var _ = TensorScope.open();
                var access = new RandomAccessFile(file.toFile(), "rw")) {
            access.setLength(3000);
            assertThatThrownBy(() -> rows.of(batch(new long[] {1, 100})))
                    .isInstanceOf(WeightFileException.class)
                    .hasMessageContaining("ends at byte");
        } finally {
            rows.source().close();
        }
    }
}
