package dev.mtl.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.weights.Safetensors;
import dev.mtl.core.weights.SafetensorsSource;
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
    private static final String WORDS = "embeddings.word_embeddings.weight";
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

    private static CpuEmbeddings fromFile(
            SafetensorsSource source, Parameters weights, BertConfig config) {
        var tables = inMemory(weights, config);
        return new CpuEmbeddings(
                new WordEmbeddingTable(source, WORDS, config.vocabSize(), config.hiddenSize()),
                tables.types(),
                tables.positions(),
                tables.firstPosition(),
                null,
                tables.norm());
    }

    private static TableEmbeddings inMemory(Parameters weights, BertConfig config) {
        var embeddings = weights.in("embeddings");
        return new TableEmbeddings(
                weights.get(WORDS),
                config.typeVocabSize() == 0 ? null : embeddings.get("token_type_embeddings.weight"),
                embeddings.get("position_embeddings.weight"),
                config.firstPosition(),
                null,
                new InPlaceNorm(
                        embeddings.get("LayerNorm.weight"),
                        embeddings.get("LayerNorm.bias"),
                        config.layerNormEps()),
                0);
    }

    private Tensor sum(TensorScope owner, TokenBatch batch) throws IOException {
        try (var source = Safetensors.open(BERT)) {
            var weights = BertWeights.load(BERT, config, Device.CPU, owner);
            return fromFile(source, weights, config).sum(batch);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-bert", "tiny-roberta", "tiny-distilbert", "tiny-mpnet"})
    void sumsEqualThoseOfTheOperatorsToTheBit(String model) throws IOException {
        var file = MODELS.resolve(model).resolve("model.safetensors");
        var own = BertConfig.read(MODELS.resolve(model).resolve("config.json"));
        int lastType = Math.max(0, own.typeVocabSize() - 1);
        try (var source = Safetensors.open(file);
                var owner = TensorScope.shared();
                var _ = TensorScope.open()) {
            var weights = BertWeights.load(file, own, Device.CPU, owner);
            var embeddings = fromFile(source, weights, own);
            var expected = inMemory(weights, own);
            for (var batch :
                    List.of(
                            batch(new long[] {0}),
                            batch(lastType, new long[] {90, 0, 89, 88, 90}),
                            batch(lastType, new long[] {5, 6, 7, 9}, new long[] {3, 3, 8, 1}))) {
                assertThat(embeddings.sum(batch).shape())
                        .containsExactly((long) batch.rows() * batch.length(), own.hiddenSize());
                assertThat(embeddings.sum(batch).toFloats())
                        .containsExactly(expected.sum(batch).toFloats());
            }
            var padded = batch(lastType, new long[] {2, 4, 6}, new long[] {7});
            assertThat(embeddings.sum(padded).select(0, 3).toFloats())
                    .containsExactly(expected.sum(padded).select(0, 1).select(0, 0).toFloats());
            assertThat(embeddings.sum(padded).isFinite().toBooleans()).doesNotContain(false);
        }
    }

    @Test
    void rejectsIdsOutsideOfTheVocabulary() throws IOException {
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
        try (var source = Safetensors.open(file);
                var owner = TensorScope.shared();
                var _ = TensorScope.open();
                var access = new RandomAccessFile(file.toFile(), "rw")) {
            var weights = BertWeights.load(BERT, config, Device.CPU, owner);
            var embeddings = fromFile(source, weights, config);
            access.setLength(3000);
            assertThatThrownBy(() -> embeddings.sum(batch(new long[] {1, 100})))
                    .isInstanceOf(WeightFileException.class)
                    .hasMessageContaining("ends at byte");
        }
    }
}
