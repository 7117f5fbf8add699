package dev.mtl.core.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.weights.WeightFileException;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Against the operators on whole tables. */
@ExtendWith(LeavesNoTensorBehind.class)
class CpuEmbeddingsTest {
    private static final Path MODELS = Path.of("src/test/resources/dev/mtl/core/bert");
    private static final Path BERT = MODELS.resolve("tiny-bert/model.safetensors");

    @TempDir Path directory;
    private final BertConfig config = BertConfig.read(MODELS.resolve("tiny-bert/config.json"));

    private static TokenBatch batch(long[]... rows) {
        return batch(0, rows);
    }

    /** Each text's last token is of a type. */
    private static TokenBatch batch(int lastType, long[]... rows) {
        return TokenBatch.of(
                Arrays.stream(rows)
                        .map(
                                ids -> {
                                    var zeros = new int[ids.length];
                                    var types = new long[ids.length];
                                    types[ids.length - 1] = lastType;
                                    return new Encoding(ids, types, zeros, zeros, zeros, false);
                                })
                        .toList(),
                0,
                Device.CPU);
    }

    private Tensor sum(TensorScope owner, TokenBatch batch) {
        try (var open = BertCheckpoint.open(BERT, config)) {
            var weights = BertWeights.load(BERT, config, Device.CPU, owner);
            return new CpuEmbeddings(open.words(config).orElseThrow(), weights, config).of(batch);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-bert", "tiny-roberta", "tiny-distilbert", "tiny-mpnet"})
    void isThatOfTheOperatorsToTheBit(String model) {
        var file = MODELS.resolve(model).resolve("model.safetensors");
        var own = BertConfig.read(MODELS.resolve(model).resolve("config.json"));
        int lastType = Math.max(0, own.typeVocabSize() - 1);
        try (var open = BertCheckpoint.open(file, own);
                var owner = TensorScope.shared();
                var _ = TensorScope.open()) {
            var weights = BertWeights.load(file, own, Device.CPU, owner);
            var sum = new CpuEmbeddings(open.words(own).orElseThrow(), weights, own);
            for (var batch :
                    List.of(
                            batch(new long[] {0}),
                            batch(lastType, new long[] {90, 0, 89, 88, 90}),
                            batch(lastType, new long[] {5, 6, 7, 9}, new long[] {3, 3, 8, 1}))) {
                assertThat(sum.of(batch).shape())
                        .containsExactly((long) batch.rows() * batch.length(), own.hiddenSize());
                assertThat(sum.of(batch).toFloats())
                        .containsExactly(new Bert(own).sum(weights, batch).toFloats());
            }
            var padded = batch(lastType, new long[] {2, 4, 6}, new long[] {7});
            assertThat(sum.of(padded).select(0, 3).toFloats())
                    .containsExactly(
                            new Bert(own)
                                    .sum(weights, padded)
                                    .select(0, 1)
                                    .select(0, 0)
                                    .toFloats());
            assertThat(sum.of(padded).isFinite().toBooleans()).doesNotContain(false);
        }
    }

    @Test
    void rejectsIdsOutsideOfTheVocabulary() {
        try (var owner = TensorScope.shared();
                var _ = TensorScope.open()) {
            for (long id : new long[] {-1, 101, Long.MAX_VALUE}) {
                assertThatThrownBy(() -> sum(owner, batch(new long[] {1, id})))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("vocabulary has 101")
                        .hasMessageContaining(Long.toString(id));
            }
        }
    }

    @Test
    void rejectsTypesThatTheTableDoesNotHave() {
        try (var owner = TensorScope.shared();
                var _ = TensorScope.open()) {
            assertThatThrownBy(() -> sum(owner, batch(2, new long[] {1, 3})))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("row 2 of embeddings float32[2, 32] cpu");
        }
    }

    @Test
    void aFileCutOffWhileOpenIsAnException() throws IOException {
        var file = directory.resolve("model.safetensors");
        Files.copy(BERT, file);
        try (var open = BertCheckpoint.open(file, config);
                var owner = TensorScope.shared();
                var _ = TensorScope.open();
                var access = new RandomAccessFile(file.toFile(), "rw")) {
            var weights = BertWeights.load(BERT, config, Device.CPU, owner);
            var sum = new CpuEmbeddings(open.words(config).orElseThrow(), weights, config);
            access.setLength(3000);
            assertThatThrownBy(() -> sum.of(batch(new long[] {1, 100})))
                    .isInstanceOf(WeightFileException.class)
                    .hasMessageContaining("ends at byte");
        }
    }
}
