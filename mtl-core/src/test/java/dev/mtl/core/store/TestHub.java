package dev.mtl.core.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import dev.mtl.core.internal.files.JsonFiles;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server on this machine that answers as the Hugging Face hub does, for the model {@code
 * org/tiny}, and another one, its storage, that it redirects to for the weights and that misbehaves
 * as it is told to.
 */
final class TestHub implements AutoCloseable {
    static final String COMMIT = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

    /** By name. */
    final Map<String, byte[]> files;

    /** Server, path and token of each request. */
    final List<String> requests = Collections.synchronizedList(new ArrayList<>());

    /** The header Range of each request for weights, empty where there was none. */
    final List<String> ranges = Collections.synchronizedList(new ArrayList<>());

    volatile String linkedEtag;
    volatile int status = 200;

    /** Branches and pull requests, of which refs/pr/2 has safetensors. */
    volatile String refs = "{}";

    private final Deque<Way> ways = new ConcurrentLinkedDeque<>(List.of(Way.WELL));
    private final List<HttpServer> servers = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final URI address;

    /** How the storage answers a request for the weights; the last way stays. */
    enum Way {
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

    void storageAnswers(Way... ways) {
        this.ways.clear();
        this.ways.addAll(List.of(ways));
    }

    TestHub(Map<String, byte[]> files) throws IOException {
        this.files = files;
        linkedEtag = hash("SHA-256", Objects.requireNonNull(files.get("model.safetensors")));
        var storage = server();
        storage.createContext("/", this::answerFromStorage);
        var server = server();
        server.createContext("/", exchange -> answer(exchange, storage.getAddress().getPort()));
        address = URI.create("http://localhost:" + server.getAddress().getPort());
    }

    URI address() {
        return address;
    }

    void stop() {
        servers.forEach(server -> server.stop(0));
    }

    @Override
    public void close() {
        end.countDown();
        stop();
        executor.close();
    }

    private HttpServer server() throws IOException {
        var server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(executor);
        server.start();
        servers.add(server);
        return server;
    }

    /** Small files come from the hub with a git hash, the weights from a redirect. */
    private void answer(HttpExchange exchange, int storagePort) throws IOException {
        var path = exchange.getRequestURI().getPath();
        record(exchange, "hub");
        if (status != 200) {
            send(exchange, status, new byte[0]);
            return;
        }
        if (path.equals("/api/models/org/tiny/refs")) {
            send(exchange, 200, refs.getBytes(UTF_8));
            return;
        }
        if (path.equals("/api/models/org/tiny/revision/refs/pr/2")) {
            var converted = JsonFiles.object();
            converted.putArray("siblings").addObject().put("rfilename", "model.safetensors");
            send(exchange, 200, converted.toString().getBytes(UTF_8));
            return;
        }
        if (path.startsWith("/api/models/org/tiny/revision/")) {
            var root = JsonFiles.object().put("sha", COMMIT);
            var siblings = root.putArray("siblings");
            files.keySet().forEach(name -> siblings.addObject().put("rfilename", name));
            send(exchange, 200, root.toString().getBytes(UTF_8));
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

    static String hash(String algorithm, byte[]... parts) {
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
}
