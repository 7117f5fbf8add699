package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.weights.TinyBert;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Against a server on this machine that answers as the hub does. */
class HubDownloadTest {
    private static final String COMMIT = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

    @TempDir Path folder;
    @TempDir Path cache;

    private final Map<String, byte[]> files = new TreeMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<HttpServer> servers = new ArrayList<>();
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
        server.start();
        servers.add(server);
        return server;
    }

    @AfterEach
    void stopServers() {
        servers.forEach(server -> server.stop(0));
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
                .hasMessageContaining("answers 503");
    }

    @Test
    void saysThatTheHubCannotBeReached() {
        servers.forEach(server -> server.stop(0));

        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("cannot reach localhost for hf:org/tiny@main");
    }

    @Test
    void rejectsWeightsInSeveralFiles() {
        files.remove("model.safetensors");
        files.put("model.safetensors.index.json", TinyArtifacts.text("{}"));

        assertThatThrownBy(() -> store().resolve("hf:org/tiny"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("split into several files");
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
        send(exchange, 200, files.getOrDefault(name, new byte[0]));
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
                });
    }

    private StoreSettings settings(Path folder, boolean offline) {
        return new StoreSettings(folder, hub, Optional.of(HubToken.of("secret")), offline);
    }
}
