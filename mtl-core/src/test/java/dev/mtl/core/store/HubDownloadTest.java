package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.weights.TinyBert;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Against a server on this machine that answers as the hub does. */
class HubDownloadTest {
    private static final String COMMIT = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

    @TempDir Path folder;
    @TempDir Path cache;

    private final Map<String, byte[]> files = new TreeMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    private final Deque<Way> ways = new ConcurrentLinkedDeque<>(List.of(Way.WELL));
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private String linkedEtag = "";
    private int status = 200;
    private URI hub = URI.create("http://hub.invalid");

    @BeforeEach
    void startServers() throws Exception {
        var jar = TinyArtifacts.onnxJar(folder);
        var model =
                new ModelStore(settings(folder.resolve("made"), true), (c, progress) -> jar)
                        .resolve("maven:a:b:1");
        for (var name : List.of("config.json", "model.safetensors")) {
            files.put(name, Files.readAllBytes(model.path().resolve(name)));
        }
        files.put("vocab.txt", TinyArtifacts.text(String.join("\n", TinyBert.PIECES)));
        files.put("README.md", TinyArtifacts.text("not wanted"));
        files.put("1_Pooling/config.json", TinyArtifacts.text("{}"));
        linkedEtag = hash("SHA-256", Files.readAllBytes(model.weights()));

        var storage = server();
        storage.createContext("/", this::answerFromStorage);
        var server = server();
        server.createContext("/", exchange -> answer(exchange, storage.getAddress().getPort()));
        hub = URI.create("http://localhost:" + server.getAddress().getPort());
    }

    private HttpServer server() throws IOException {
        var server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(executor);
        server.start();
        servers.add(server);
        return server;
    }

    @AfterEach
    void stopServers() {
        end.countDown();
        servers.forEach(server -> server.stop(0));
        executor.close();
    }

    @Test
    void downloadsWhatAModelNeedsAtOneCommit() throws IOException {
        var model = store().resolve("hf:org/tiny@v1");

        assertThat(model.path()).isEqualTo(cache.resolve("models/hf--org--tiny--v1"));
        assertThat(model.weights()).hasBinaryContent(files.get("model.safetensors"));
        assertThat(model.file("1_Pooling/config.json")).isPresent();
        assertThat(model.file("README.md")).isEmpty();
        assertThat(Json.read(model.tokenizerJson()).path("model").path("vocab")).hasSize(6);
        assertThat(requests)
                .contains("hub /api/models/org/tiny/revision/v1 Bearer secret")
                .contains("hub /org/tiny/resolve/" + COMMIT + "/config.json Bearer secret");
    }

    @Test
    void keepsTheTokenFromTheHostThatItIsRedirectedTo() {
        store().resolve("hf:org/tiny");

        assertThat(requests).contains("storage /model.safetensors none");
    }

    @Test
    void asksNobodyForWhatIsInTheCache() {
        var first = store().resolve("hf:org/tiny");
        requests.clear();

        var offline = new ModelStore(settings(cache, true), (c, progress) -> folder);

        assertThat(offline.resolve("hf:org/tiny")).isEqualTo(first);
        assertThat(requests).isEmpty();
    }

    @Test
    void saysThatItMayNotDownload() {
        var offline = new ModelStore(settings(cache, true), (c, progress) -> folder);

        assertThatThrownBy(() -> offline.resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("HF_HUB_OFFLINE");
        assertThat(requests).isEmpty();
    }

    @Test
    void refusesAFileWithAnotherHash() {
        linkedEtag = "0".repeat(64);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("model.safetensors came damaged: its hash is");
        assertThat(cache.resolve("models/hf--org--tiny--main")).doesNotExist();
    }

    @Test
    void saysWhyTheHubRefuses() {
        status = 401;
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("needs HF_TOKEN")
                .hasMessageNotContainingAny("secret");
        status = 404;
        assertThatThrownBy(() -> store().resolve("hf:org/tiny@v9"))
                .hasMessageContaining("has no hf:org/tiny@v9 (404)");
        status = 503;
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .hasMessageContaining("answers 503")
                .hasMessageContaining("gave up after 3 attempts");
    }

    @Test
    void saysThatTheHubCannotBeReached() {
        servers.forEach(server -> server.stop(0));

        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("cannot reach localhost for hf:org/tiny@main");
    }

    @Test
    void downloadsWeightsInSeveralFiles() {
        var weights = Objects.requireNonNull(files.remove("model.safetensors"));
        files.put("model-00001-of-00002.safetensors", weights);
        files.put("model-00002-of-00002.safetensors", weights);
        files.put("model.safetensors.index.json", TinyArtifacts.text("{}"));
        files.put("pytorch_model.bin", TinyArtifacts.text("not wanted"));

        var model = store().resolve("hf:org/tiny");

        assertThat(model.weights()).hasFileName("model.safetensors.index.json");
        assertThat(model.file("model-00002-of-00002.safetensors")).isPresent();
        assertThat(model.file("pytorch_model.bin")).isEmpty();
    }

    @Test
    void refusesAModelThatHasOnlyPickledWeights() {
        files.remove("model.safetensors");
        files.put("pytorch_model.bin", TinyArtifacts.text("x"));

        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("only has a pytorch_model.bin");
    }

    /** How the storage answers a request for the weights; the last way stays. */
    private enum Way {
        WELL,
        CUT_OFF,
        STALLED,
        WITHOUT_RANGES,
        OTHER_RANGE,
        NOT_SATISFIABLE,
        TOO_SHORT,
        BUSY,
        BUSY_UNTIL_A_DATE,
        BUSY_FOR_LONG
    }

    private void storageAnswers(Way... ways) {
        this.ways.clear();
        this.ways.addAll(List.of(ways));
    }

    private void assertDownloads() {
        assertThat(store().resolve("hf:org/tiny").weights())
                .hasBinaryContent(files.get("model.safetensors"));
        assertThat(cache.resolve("downloads")).isEmptyDirectory();
    }

    @Test
    void goesOnWhereAConnectionBroke() {
        storageAnswers(Way.CUT_OFF, Way.CUT_OFF, Way.CUT_OFF, Way.CUT_OFF, Way.WELL);
        assertDownloads();
        int half = files.get("model.safetensors").length / 2;
        assertThat(ranges).startsWith("", "bytes=" + half + "-").hasSize(5);
    }

    @Test
    void goesOnWhereAConnectionStalled() {
        storageAnswers(Way.STALLED, Way.WELL);
        assertDownloads();
        assertThat(ranges).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"WITHOUT_RANGES", "OTHER_RANGE", "NOT_SATISFIABLE"})
    void beginsAnewWhereTheRestIsNotToBeHad(Way way) {
        storageAnswers(Way.CUT_OFF, way, Way.WELL);
        assertDownloads();
    }

    @ParameterizedTest
    @EnumSource(
            value = Way.class,
            names = {"BUSY", "BUSY_UNTIL_A_DATE", "TOO_SHORT"})
    void triesAgainWhatMayPass(Way way) {
        storageAnswers(way, way, Way.WELL);
        assertDownloads();
        assertThat(ranges).hasSize(3);
    }

    @Test
    void saysHowLongABusyHubAsksToWait() {
        storageAnswers(Way.BUSY_FOR_LONG);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("answers 429")
                .hasMessageContaining("asks to wait 3600 s");
        assertThat(ranges).hasSize(1);
    }

    @Test
    void aDownloadThatWasGivenUpGoesOnNextTime() {
        storageAnswers(Way.CUT_OFF, Way.BUSY);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .hasMessageContaining("gave up after 3 attempts");
        assertThat(cache.resolve("models/hf--org--tiny--main")).doesNotExist();

        ranges.clear();
        storageAnswers(Way.WELL);
        assertDownloads();
        assertThat(ranges)
                .containsExactly("bytes=" + files.get("model.safetensors").length / 2 + "-");
    }

    @Test
    void aDamagedPartIsThrownAway() throws IOException {
        storageAnswers(Way.CUT_OFF, Way.BUSY);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny")).isInstanceOf(MtlException.class);
        try (var parts = Files.list(cache.resolve("downloads"))) {
            var part = parts.findFirst().orElseThrow();
            var bytes = Files.readAllBytes(part);
            bytes[7] ^= 1;
            Files.write(part, bytes);
        }

        storageAnswers(Way.WELL);
        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .hasMessageContaining("came damaged");
        assertDownloads();
    }

    /** As {@code huggingface_hub} leaves it: links named by commit and file, to blobs by hash. */
    private void pythonHasDownloaded() throws IOException {
        var home = folder.resolve("hub/models--org--tiny");
        Files.createDirectories(home.resolve("refs"));
        Files.writeString(home.resolve("refs/main"), COMMIT);
        Files.createDirectories(home.resolve("blobs"));
        for (var entry : files.entrySet()) {
            var bytes = entry.getValue();
            var hash =
                    entry.getKey().equals("model.safetensors")
                            ? hash("SHA-256", bytes)
                            : hash("SHA-1", ("blob " + bytes.length + "\0").getBytes(UTF_8), bytes);
            var blob = Files.write(home.resolve("blobs").resolve(hash), bytes);
            var link = home.resolve("snapshots").resolve(COMMIT).resolve(entry.getKey());
            Files.createDirectories(link.getParent());
            Files.createSymbolicLink(link, link.getParent().relativize(blob));
        }
    }

    @Test
    void takesWhatPythonHasDownloadedWithoutAskingTheHub() throws IOException {
        pythonHasDownloaded();
        var offline = new ModelStore(settings(cache, true), (c, progress) -> folder);

        for (var name : List.of("hf:org/tiny", "hf:org/tiny@" + COMMIT)) {
            var model = offline.resolve(name);
            assertThat(model.weights()).hasBinaryContent(files.get("model.safetensors"));
            assertThat(model.weights().toRealPath()).startsWith(cache);
            assertThat(model.file("1_Pooling/config.json")).isPresent();
        }
        assertThat(requests).isEmpty();
        assertThatThrownBy(() -> offline.resolve("hf:org/tiny@x/../../blobs"))
                .hasMessageContaining("HF_HUB_OFFLINE");
        assertThatThrownBy(() -> offline.resolve("hf:org/tiny@v2"))
                .hasMessageContaining(folder.resolve("hub").toString());
    }

    @Test
    void downloadsOnlyWhatPythonDoesNotHaveOrHasDamaged() throws IOException {
        pythonHasDownloaded();
        var snapshot = folder.resolve("hub/models--org--tiny/snapshots").resolve(COMMIT);
        Files.delete(snapshot.resolve("1_Pooling/config.json"));
        Files.writeString(snapshot.resolve("vocab.txt"), "cut off");

        assertDownloads();
        assertThat(requests)
                .contains("hub /org/tiny/resolve/" + COMMIT + "/vocab.txt Bearer secret")
                .noneMatch(request -> request.contains("safetensors"));

        var offline =
                new ModelStore(settings(folder.resolve("other"), true), (c, progress) -> folder);
        assertThatThrownBy(() -> offline.resolve("hf:org/tiny"))
                .hasMessageContaining("vocab.txt of hf:org/tiny@main is damaged");
    }

    /** Small files come from the hub with a git hash, the weights from a redirect. */
    private void answer(HttpExchange exchange, int storagePort) throws IOException {
        var path = exchange.getRequestURI().getPath();
        record(exchange, "hub");
        if (status != 200) {
            send(exchange, status, new byte[0]);
            return;
        }
        if (path.startsWith("/api/models/org/tiny/revision/")) {
            var root = Json.MAPPER.createObjectNode().put("sha", COMMIT);
            var siblings = root.putArray("siblings");
            files.keySet().forEach(name -> siblings.addObject().put("rfilename", name));
            send(exchange, 200, Json.MAPPER.writeValueAsBytes(root));
            return;
        }
        var name = path.replaceFirst("/org/tiny/resolve/" + COMMIT + "/", "");
        var bytes = files.getOrDefault(name, new byte[0]);
        if (name.equals("model.safetensors")) {
            exchange.getResponseHeaders().add("X-Linked-ETag", '"' + linkedEtag + '"');
            exchange.getResponseHeaders().add("X-Linked-Size", String.valueOf(bytes.length));
            exchange.getResponseHeaders()
                    .add("Location", "http://localhost:" + storagePort + "/" + name);
            send(exchange, 302, new byte[0]);
        } else {
            var blob = ("blob " + bytes.length + "\0").getBytes(UTF_8);
            exchange.getResponseHeaders().add("ETag", '"' + hash("SHA-1", blob, bytes) + '"');
            send(exchange, 200, bytes);
        }
    }

    private void answerFromStorage(HttpExchange exchange) throws IOException {
        record(exchange, "storage");
        var name = exchange.getRequestURI().getPath().substring(1);
        var bytes = files.getOrDefault(name, new byte[0]);
        var range = Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Range"), "");
        ranges.add(range);
        var way = ways.size() > 1 ? ways.removeFirst() : ways.getFirst();
        int from =
                range.isEmpty() || way == Way.WITHOUT_RANGES
                        ? 0
                        : Integer.parseInt(range.replaceAll("\\D", ""));
        var rest = Arrays.copyOfRange(bytes, from, bytes.length);
        var headers = exchange.getResponseHeaders();
        switch (way) {
            case NOT_SATISFIABLE -> send(exchange, 416, new byte[0]);
            case TOO_SHORT -> send(exchange, 200, Arrays.copyOf(bytes, bytes.length - 1));
            case BUSY -> send(exchange, 503, new byte[0]);
            case BUSY_UNTIL_A_DATE, BUSY_FOR_LONG -> {
                var date =
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                ZonedDateTime.now(ZoneOffset.UTC));
                headers.add("Retry-After", way == Way.BUSY_FOR_LONG ? "3600" : date);
                send(exchange, 429, new byte[0]);
            }
            case CUT_OFF, STALLED -> {
                int status = contentRange(headers, from, bytes.length);
                exchange.sendResponseHeaders(status, rest.length);
                exchange.getResponseBody().write(rest, 0, rest.length / 2);
                exchange.getResponseBody().flush();
                if (way == Way.STALLED) {
                    await();
                }
                exchange.close();
            }
            case OTHER_RANGE -> send(exchange, contentRange(headers, from + 1, bytes.length), rest);
            case WELL, WITHOUT_RANGES ->
                    send(exchange, contentRange(headers, from, bytes.length), rest);
        }
    }

    private static int contentRange(Headers headers, int from, int length) {
        if (from == 0) {
            return 200;
        }
        headers.add("Content-Range", "bytes %d-%d/%d".formatted(from, length - 1, length));
        return 206;
    }

    private void await() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void record(HttpExchange exchange, String server) {
        var token = exchange.getRequestHeaders().getFirst("Authorization");
        requests.add(
                server
                        + " "
                        + exchange.getRequestURI().getPath()
                        + " "
                        + (token == null ? "none" : token));
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String hash(String algorithm, byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance(algorithm);
            for (var part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private ModelStore store() {
        return new ModelStore(
                settings(cache, false),
                (coordinates, progress) -> {
                    throw new AssertionError("asked for " + coordinates);
                },
                new HubTiming(
                        3, Duration.ofMillis(1), Duration.ofSeconds(2), Duration.ofMillis(300)));
    }

    private StoreSettings settings(Path folder, boolean offline) {
        return new StoreSettings(
                folder,
                hub,
                Optional.of(HubToken.of("secret")),
                offline,
                this.folder.resolve("hub"));
    }
}
