package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.server.settings.ServerLimits;
import dev.mtl.server.settings.ServerSettings;
import dev.mtl.torch.Tensor;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * Requests that are wrong in their JSON, sizes, encodings or headers. {@code -Dmtl.fuzz=100000}
 * makes more of them.
 */
class MalformedRequestsTest {
    private static final int COUNT = Integer.getInteger("mtl.fuzz", 3000);
    private static final List<String> PATHS =
            List.of(
                    "/embed",
                    "/embed_all",
                    "/predict",
                    "/rerank",
                    "/similarity",
                    "/tokenize",
                    "/decode",
                    "/v1/embeddings",
                    "/v2/models/assistant/infer",
                    "/nlu",
                    "/nearest");
    private static final List<String> BODIES =
            List.of(
                    "{\"inputs\": \"play the song\", \"truncate\": true, \"dimensions\": 8}",
                    "{\"inputs\": [\"play\", \"in paris\"], \"raw_scores\": true}",
                    "{\"inputs\": [[\"play\", \"song\"], [\"a\"]], \"task\": \"alike\"}",
                    "{\"query\": \"a\", \"texts\": [\"b\", \"\\ud83d\\ude00\"]}",
                    "{\"inputs\": {\"source_sentence\": \"a\", \"sentences\": [\"b\"]}}",
                    "{\"ids\": [[1, 2], [3, 4294967295]]}",
                    "{\"input\": [[5, 6], \"a\"], \"encoding_format\": \"base64\"}",
                    "{\"id\": \"1\", \"inputs\": [{\"name\": \"text\", \"shape\": [1],"
                            + " \"datatype\": \"BYTES\", \"data\": [\"a\"]}]}",
                    "{\"inputs\": \"play\", \"top_k\": 2, \"offsets\": \"codepoint\"}");
    private static final List<String> PIECES =
            List.of(
                    "null",
                    "-1",
                    "1e999",
                    "[]",
                    "{}",
                    "\"\"",
                    "\"\\ud800\"",
                    "\"\\u0000\"",
                    "[[[[",
                    "99999999999999999999",
                    "true",
                    "\u0000",
                    "\"",
                    "\\",
                    ",",
                    "\ud83d\ude00",
                    "]}");

    @TempDir static Path folder;
    private static ModelServer server = null;

    @BeforeAll
    static void start() {
        var limits = ServerLimits.DEFAULT.withReadTime(Duration.ofSeconds(1));
        server =
                ModelServer.start(
                        ServerSettings.of(TinyServed.trained("assistant", folder, 5))
                                .withLimits(limits));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void noneIsAnsweredByAnInternalErrorOrLeavesATensor() throws Exception {
        var random = new Random(17);
        long tensors = Tensor.liveCount();
        var statuses = new TreeMap<Integer, Integer>();
        for (int i = 0; i < COUNT; i++) {
            var request = request(random);
            int status = status(request);
            statuses.merge(status, 1, Integer::sum);
            assertThat(status)
                    .as(new String(request, StandardCharsets.ISO_8859_1))
                    .isNotEqualTo(500);
        }

        assertThat(statuses).as("statuses").containsKeys(200, 400, 404, 422);
        assertThat(Tensor.liveCount()).isEqualTo(tensors);
        try (var client = Client.of(server)) {
            assertThat(client.post("/nlu", "{'inputs': 'play'}").status()).isEqualTo(200);
        }
    }

    private static byte[] request(Random random) throws IOException {
        var body = body(random);
        var headers = new ArrayList<String>();
        headers.add("Host: localhost");
        boolean chunked = random.nextInt(12) == 0;
        headers.add(
                chunked
                        ? "Transfer-Encoding: chunked"
                        : "Content-Length: "
                                + (random.nextInt(20) == 0
                                        ? one(random, "-1", "x", "9999999999", "0", "1", "+5", "")
                                        : body.length));
        if (random.nextInt(6) == 0) {
            headers.add(
                    one(
                            random,
                            "Content-Type: text/plain; charset=utf-16",
                            "Content-Encoding: gzip",
                            "Expect: 100-continue",
                            "Authorization: \u00ff",
                            "x-request-id: " + "a".repeat(200),
                            "Transfer-Encoding: gzip",
                            "Host: second",
                            "Upgrade: h2c",
                            "no colon",
                            ": no name",
                            "Accept: text/html"));
        }
        headers.add("Connection: close");
        var line =
                random.nextInt(15) == 0
                        ? one(
                                random,
                                "POST /%zz HTTP/1.1",
                                "POST / HTTP/1.0",
                                "get /embed http/1.1",
                                "DELETE /embed HTTP/1.1",
                                "POST /v2/models/%00/infer HTTP/1.1",
                                "GET /v1/models/../../etc HTTP/1.1",
                                "POST /embed?a=%ff&b HTTP/1.1",
                                "\u0000\u0001",
                                "GET " + "/a".repeat(5000) + " HTTP/1.1",
                                "OPTIONS * HTTP/1.1",
                                "POST //embed HTTP/1.1")
                        : "POST " + one(random, PATHS.toArray(String[]::new)) + " HTTP/1.1";
        var bytes = new ByteArrayOutputStream();
        var head = line + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
        bytes.write(head.getBytes(StandardCharsets.ISO_8859_1));
        if (chunked) {
            bytes.write(
                    (random.nextInt(3) == 0
                                    ? one(random, "zz", "-5", "ffffffff", "")
                                    : Integer.toHexString(body.length))
                            .getBytes(StandardCharsets.ISO_8859_1));
            bytes.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
            bytes.write(body);
            bytes.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        } else {
            bytes.write(body);
        }
        return bytes.toByteArray();
    }

    /** A right body with some bytes cut, changed or put in. */
    private static byte[] body(Random random) {
        var text = new StringBuilder(one(random, BODIES.toArray(String[]::new)));
        for (int i = random.nextInt(4); i > 0 && !text.isEmpty(); i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.setLength(at);
                case 1 -> text.setCharAt(at, (char) random.nextInt(128));
                case 2 -> text.insert(at, one(random, PIECES.toArray(String[]::new)));
                default ->
                        text.replace(
                                at,
                                Math.min(text.length(), at + random.nextInt(20)),
                                one(random, PIECES.toArray(String[]::new)));
            }
        }
        if (random.nextInt(40) == 0) {
            text.append(" ".repeat(70_000));
        }
        var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0 && random.nextInt(10) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(30) == 0 ? text.toString().getBytes(StandardCharsets.UTF_16) : bytes;
    }

    private static String one(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** The status of the answer; 0 if the connection is closed without one. */
    private static int status(byte[] request) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
            var answer = socket.getInputStream().readNBytes(12);
            return answer.length < 12
                    ? 0
                    : Integer.parseInt(new String(answer, 9, 3, StandardCharsets.ISO_8859_1));
        } catch (java.net.SocketException e) {
            return 0; // closed while it was written
        }
    }
}
