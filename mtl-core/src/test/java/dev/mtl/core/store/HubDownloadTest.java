package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.store.hub.HubSettings;
import dev.mtl.core.store.hub.HubToken;
import dev.mtl.core.store.hub.RetryPolicy;
import dev.mtl.core.weights.conversion.TinyBert;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Against a server on this machine that answers as the hub does. */
class HubDownloadTest {
    private static final RetryPolicy IMPATIENT =
            new RetryPolicy(3, Duration.ofMillis(1), Duration.ofSeconds(2), Duration.ofMillis(300));

    @TempDir Path folder;
    @TempDir Path cache;

    private URI address = URI.create("http://hub.invalid");
    private TestHub hub;

    @BeforeEach
    void startServers() throws Exception {
        var jar = TinyArtifacts.onnxJar(folder);
        var model =
                new ModelStore(settings(folder.resolve("made"), true), (c, progress) -> jar)
                        .resolve("maven:a:b:1");
        var files = new TreeMap<String, byte[]>();
        for (var name : List.of("config.json", "model.safetensors")) {
            files.put(name, Files.readAllBytes(model.path().resolve(name)));
        }
        files.put("vocab.txt", TinyArtifacts.text(String.join("\n", TinyBert.PIECES)));
        files.put("README.md", TinyArtifacts.text("not wanted"));
        files.put("1_Pooling/config.json", TinyArtifacts.text("{}"));
        hub = new TestHub(files);
        address = hub.address();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void downloadsTheFilesOfAModelAtOneCommit() throws IOException {
        var model = store().resolve("hf:org/tiny@v1");

        assertThat(model.path()).isEqualTo(cache.resolve("models/hf--org--tiny--v1"));
        assertThat(model.weights()).hasBinaryContent(hub.files.get("model.safetensors"));
        assertThat(model.file("1_Pooling/config.json")).isPresent();
        assertThat(model.file("README.md")).isEmpty();
        assertThat(JsonFiles.read(model.tokenizerJson()).path("model").path("vocab")).hasSize(6);
        assertThat(hub.requests)
                .contains("hub /api/models/org/tiny/revision/v1 Bearer secret")
                .contains("hub /org/tiny/resolve/" + TestHub.COMMIT + "/config.json Bearer secret");
    }

    @Test
    void doesNotSendTheTokenToTheHostOfARedirect() {
        store().resolve("hf:org/tiny");

        assertThat(hub.requests).contains("storage /model.safetensors none");
    }

    @Test
    void usesACachedModelWithoutRequests() {
        var first = store().resolve("hf:org/tiny");
        hub.requests.clear();

        var offline = new ModelStore(settings(cache, true), (c, progress) -> folder);

        assertThat(offline.resolve("hf:org/tiny")).isEqualTo(first);
        assertThat(hub.requests).isEmpty();
    }

    @Test
    void offlineAMissingModelIsAnErrorThatNamesTheVariable() {
        var offline = new ModelStore(settings(cache, true), (c, progress) -> folder);

        assertThatThrownBy(() -> offline.resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("HF_HUB_OFFLINE");
        assertThat(hub.requests).isEmpty();
    }

    @Test
    void refusesAFileWithAnotherHash() {
        hub.linkedEtag = "0".repeat(64);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("model.safetensors arrived damaged: its hash is");
        assertThat(cache.resolve("models/hf--org--tiny--main")).doesNotExist();
    }

    @Test
    void reportsWhyTheHubRefuses() {
        hub.status = 401;
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("needs HF_TOKEN")
                .hasMessageNotContainingAny("secret");
        hub.status = 404;
        assertThatThrownBy(() -> store().resolve("hf:org/tiny@v9"))
                .hasMessageContaining("has no hf:org/tiny@v9 (404)");
        hub.status = 503;
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .hasMessageContaining("answers 503")
                .hasMessageContaining("gave up after 3 attempts");
    }

    @Test
    void reportsThatTheHubCannotBeReached() {
        hub.stop();

        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("cannot reach localhost for hf:org/tiny@main");
    }

    @Test
    void downloadsWeightsInSeveralFiles() {
        var weights = Objects.requireNonNull(hub.files.remove("model.safetensors"));
        hub.files.put("model-00001-of-00002.safetensors", weights);
        hub.files.put("model-00002-of-00002.safetensors", weights);
        hub.files.put("model.safetensors.index.json", TinyArtifacts.text("{}"));
        hub.files.put("pytorch_model.bin", TinyArtifacts.text("not wanted"));

        var model = store().resolve("hf:org/tiny");

        assertThat(model.weights()).hasFileName("model.safetensors.index.json");
        assertThat(model.file("model-00002-of-00002.safetensors")).isPresent();
        assertThat(model.file("pytorch_model.bin")).isEmpty();
    }

    @Test
    void refusesAModelThatHasOnlyPickledWeights() {
        hub.files.remove("model.safetensors");
        hub.files.put("pytorch_model.bin", TinyArtifacts.text("x"));

        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("only has a pytorch_model.bin");
    }

    @Test
    void namesThePullRequestThatHasSafetensors() {
        hub.files.remove("model.safetensors");
        hub.files.put("pytorch_model.bin", TinyArtifacts.text("x"));
        hub.refs =
                """
                {"branches": [{"ref": "refs/heads/main"}, {"ref": "refs/heads/old"}],
                 "converts": [], "pullRequests": [{"ref": "refs/pr/2"}]}
                """;

        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("only has a pytorch_model.bin")
                .hasMessageContaining("mtl models pull hf:org/tiny --revision refs/pr/2");
    }

    private void assertDownloads() {
        assertThat(store().resolve("hf:org/tiny").weights())
                .hasBinaryContent(hub.files.get("model.safetensors"));
        assertThat(cache.resolve("downloads")).isEmptyDirectory();
    }

    @Test
    void resumesABrokenDownload() {
        hub.storageAnswers(
                TestHub.Way.CUT_OFF,
                TestHub.Way.CUT_OFF,
                TestHub.Way.CUT_OFF,
                TestHub.Way.CUT_OFF,
                TestHub.Way.WELL);
        assertDownloads();
        int half = hub.files.get("model.safetensors").length / 2;
        assertThat(hub.ranges).startsWith("", "bytes=" + half + "-").hasSize(5);
    }

    @Test
    void resumesAStalledDownload() {
        hub.storageAnswers(TestHub.Way.STALLED, TestHub.Way.WELL);
        assertDownloads();
        assertThat(hub.ranges).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = TestHub.Way.class,
            names = {"WITHOUT_RANGES", "OTHER_RANGE", "NOT_SATISFIABLE"})
    void restartsADownloadThatCannotBeResumed(TestHub.Way way) {
        hub.storageAnswers(TestHub.Way.CUT_OFF, way, TestHub.Way.WELL);
        assertDownloads();
    }

    @ParameterizedTest
    @EnumSource(
            value = TestHub.Way.class,
            names = {"BUSY", "BUSY_UNTIL_A_DATE", "TOO_SHORT"})
    void retriesTemporaryFailures(TestHub.Way way) {
        hub.storageAnswers(way, way, TestHub.Way.WELL);
        assertDownloads();
        assertThat(hub.ranges).hasSize(3);
    }

    @Test
    void reportsALongRetryAfter() {
        hub.storageAnswers(TestHub.Way.BUSY_FOR_LONG);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("answers 429")
                .hasMessageContaining("asks to wait 3600 s");
        assertThat(hub.ranges).hasSize(1);
    }

    @Test
    void aFailedDownloadIsResumedByTheNextCall() {
        hub.storageAnswers(TestHub.Way.CUT_OFF, TestHub.Way.BUSY);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .hasMessageContaining("gave up after 3 attempts");
        assertThat(cache.resolve("models/hf--org--tiny--main")).doesNotExist();

        hub.ranges.clear();
        hub.storageAnswers(TestHub.Way.WELL);
        assertDownloads();
        assertThat(hub.ranges)
                .containsExactly("bytes=" + hub.files.get("model.safetensors").length / 2 + "-");
    }

    @Test
    void discardsADamagedPartialFile() throws IOException {
        hub.storageAnswers(TestHub.Way.CUT_OFF, TestHub.Way.BUSY);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny")).isInstanceOf(MtlException.class);
        try (var parts = Files.list(cache.resolve("downloads"))) {
            var part = parts.findFirst().orElseThrow();
            var bytes = Files.readAllBytes(part);
            bytes[7] ^= 1;
            Files.write(part, bytes);
        }

        hub.storageAnswers(TestHub.Way.WELL);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .hasMessageContaining("arrived damaged");
        assertDownloads();
    }

    /** As {@code huggingface_hub} leaves it: links named by commit and file, to blobs by hash. */
    private void pythonHasDownloaded() throws IOException {
        var home = folder.resolve("hub/models--org--tiny");
        Files.createDirectories(home.resolve("refs"));
        Files.writeString(home.resolve("refs/main"), TestHub.COMMIT);
        Files.createDirectories(home.resolve("blobs"));
        for (var entry : hub.files.entrySet()) {
            var bytes = entry.getValue();
            var hash =
                    entry.getKey().equals("model.safetensors")
                            ? TestHub.hash("SHA-256", bytes)
                            : TestHub.hash(
                                    "SHA-1",
                                    ("blob " + bytes.length + "\0").getBytes(UTF_8),
                                    bytes);
            var blob = Files.write(home.resolve("blobs").resolve(hash), bytes);
            var link = home.resolve("snapshots").resolve(TestHub.COMMIT).resolve(entry.getKey());
            Files.createDirectories(link.getParent());
            Files.createSymbolicLink(link, link.getParent().relativize(blob));
        }
    }

    @Test
    void offlineTakesFilesFromThePythonCache() throws IOException {
        pythonHasDownloaded();
        var offline = new ModelStore(settings(cache, true), (c, progress) -> folder);

        for (var name : List.of("hf:org/tiny", "hf:org/tiny@" + TestHub.COMMIT)) {
            var model = offline.resolve(name);
            assertThat(model.weights()).hasBinaryContent(hub.files.get("model.safetensors"));
            assertThat(model.weights().toRealPath()).startsWith(cache);
            assertThat(model.file("1_Pooling/config.json")).isPresent();
        }
        assertThat(hub.requests).isEmpty();
        assertThatThrownBy(() -> offline.resolve("hf:org/tiny@v2"))
                .hasMessageContaining(folder.resolve("hub").toString());
    }

    @Test
    void downloadsFilesThatAreMissingOrDamagedInThePythonCache() throws IOException {
        pythonHasDownloaded();
        var snapshot = folder.resolve("hub/models--org--tiny/snapshots").resolve(TestHub.COMMIT);
        Files.delete(snapshot.resolve("1_Pooling/config.json"));
        Files.writeString(snapshot.resolve("vocab.txt"), "cut off");

        assertDownloads();
        assertThat(hub.requests)
                .contains("hub /org/tiny/resolve/" + TestHub.COMMIT + "/vocab.txt Bearer secret")
                .noneMatch(request -> request.contains("safetensors"));

        var offline =
                new ModelStore(settings(folder.resolve("other"), true), (c, progress) -> folder);
        assertThatThrownBy(() -> offline.resolve("hf:org/tiny"))
                .hasMessageContaining("vocab.txt of hf:org/tiny@main is damaged");
    }

    private ModelStore store() {
        return new ModelStore(
                settings(cache, false),
                (coordinates, progress) -> {
                    throw new AssertionError("asked for " + coordinates);
                });
    }

    private StoreSettings settings(Path folder, boolean offline) {
        return new StoreSettings(
                folder,
                new HubSettings(
                        address,
                        Optional.of(HubToken.of("secret")),
                        offline,
                        this.folder.resolve("hub"),
                        IMPATIENT));
    }
}
