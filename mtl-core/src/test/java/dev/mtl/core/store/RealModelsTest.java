package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.weights.SafetensorsReader;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;

/**
 * The real artifacts, converted into the user's cache, so once on a machine. The hashes are those
 * of the files that Python's safetensors wrote of the same weights.
 */
@Tag("real")
class RealModelsTest {
    private final ModelStore store = ModelStore.standard();

    @ParameterizedTest
    @CsvSource({
        "bert-base-uncased, 199, 8e47716a979def3ee4331621abb95a2a07619cf6428ca798c051201cbbc0ff89",
        "all-MiniLM-L6-v2, 101, 2c1ddbe6f92a30bb64a1577cc5c7085355e9349dc64f8bb78e11ebbec3541b59",
        "bge-small-en-v1.5, 197, 7729f2cb94ad5e3d954f8c1f9a84f1c995b33bc843a353de5cc6a77caea7544d"
    })
    void convertsToTheBytesThatPythonWrites(String name, int tensors, String sha256)
            throws IOException {
        var model = store.resolve(name);

        store.verify(name);
        assertThat(Manifest.read(model.path()).orElseThrow().files().get("model.safetensors"))
                .extracting(Manifest.FileSum::sha256)
                .isEqualTo(sha256);
        try (var reader = SafetensorsReader.open(model.weights())) {
            assertThat(reader.tensors()).hasSize(tensors);
        }
    }

    @Test
    void givesEveryModelTheSameTokenizerWhetherStoredOrMadeOfTheVocabulary() throws IOException {
        var made = JsonFiles.read(store.resolve("bert-base-uncased").tokenizerJson());

        assertThat(JsonFiles.read(store.resolve("all-MiniLM-L6-v2").tokenizerJson()))
                .isEqualTo(made);
        assertThat(JsonFiles.read(store.resolve("bge-small-en-v1.5").tokenizerJson()))
                .isEqualTo(made);
    }

    @Test
    void knowsTheSizesOfTheModels() throws IOException {
        var bert = JsonFiles.read(store.resolve("bert-base-uncased").config());
        assertThat(bert.path("num_hidden_layers").asInt()).isEqualTo(12);
        assertThat(bert.path("intermediate_size").asInt()).isEqualTo(3072);
        var mini = JsonFiles.read(store.resolve("all-MiniLM-L6-v2").config());
        assertThat(mini.path("num_hidden_layers").asInt()).isEqualTo(6);
        assertThat(mini.path("num_attention_heads").asInt()).isEqualTo(12);
        assertThat(mini.path("max_position_embeddings").asInt()).isEqualTo(512);
    }
}
