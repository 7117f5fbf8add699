package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.server.settings.ModelSource;
import dev.mtl.server.settings.ServerLimits;
import dev.mtl.server.settings.ServerSettings;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Who may use a server, what it takes on, and clients that are slow or leave. */
@ExtendWith(LeavesNoTensorBehind.class)
class SafetyTest {
    private static final String LONG =
            "{'inputs': [%s]}".formatted("'" + "play ".repeat(12_000) + "'");

    @TempDir static Path folder;
    private static ModelSource model = null;

    @BeforeAll
    static void write() {
        model = TinyServed.trained("assistant", folder, 5);
    }

    private static ServerSettings settings() {
        return ServerSettings.of(model);
    }

    @Test
    void listensOnThisMachineOnly() {
        try (var server = ModelServer.start(settings())) {
            assertThat(server.url()).isEqualTo("http://127.0.0.1:" + server.port());
        }
    }

    @Test
    void wantsTheKeyForAllButHealthMetricsAndThePage() {
        try (var server = ModelServer.start(settings().withApiKey("the key"));
                var client = Client.of(server)) {
            for (var path : List.of("/embed", "/nlu", "/tokenize", "/admin/reload")) {
                var answer = client.post(path, "{'inputs': 'a'}");
                assertThat(answer.status()).as(path).isEqualTo(401);
                assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
            }
            assertThat(client.withKey("the kex").post("/embed", "{'inputs': 'a'}").status())
                    .isEqualTo(401);
            assertThat(client.post("/v1/embeddings", "{}").json().at("/error/code").textValue())
                    .isEqualTo("invalid_api_key");
            assertThat(client.get("/info").status()).isEqualTo(401);
            for (var path : List.of("/", "/health", "/metrics", "/docs", "/v2/health/ready")) {
                assertThat(client.get(path).status()).as(path).isEqualTo(200);
            }
            assertThat(client.withKey("the key").post("/embed", "{'inputs': 'a'}").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void reloadingNeedsAServerWithAKey() {
        try (var server = ModelServer.start(settings());
                var client = Client.of(server)) {
            assertThat(client.post("/admin/reload", "{}").status()).isEqualTo(403);
        }
    }

    @Test
    void pagesOfOtherOriginsReadNothingUnlessAllowed() {
        var origin = "https://example.org";
        for (var allowed : List.of(List.<String>of(), List.of(origin))) {
            try (var server = ModelServer.start(settings().withCorsOrigins(allowed));
                    var client = Client.of(server)) {
                var request = client.request("/info").header("Origin", origin);
                var preflight =
                        client.send(
                                client.request("/embed")
                                        .header("Origin", origin)
                                        .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                                        .build());

                var header = allowed.isEmpty() ? "" : origin;
                assertThat(client.send(request.build()).header("Access-Control-Allow-Origin"))
                        .isEqualTo(header);
                assertThat(preflight.status()).isEqualTo(204);
                assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo(header);
                assertThat(
                                client.send(
                                                client.request("/info")
                                                        .header("Origin", "https://evil.org")
                                                        .build())
                                        .header("Access-Control-Allow-Origin"))
                        .isEmpty();
            }
        }
    }

    @Test
    void everyAnswerHasARequestIdAndAHarmlessOneIsKept() {
        try (var server = ModelServer.start(settings());
                var client = Client.of(server)) {
            var own = client.send(client.request("/info").header("x-request-id", "my-1").build());
            var forged =
                    client.send(client.request("/info").header("x-request-id", "a b<c>").build());

            assertThat(own.header("x-request-id")).isEqualTo("my-1");
            assertThat(forged.header("x-request-id")).hasSize(36);
        }
    }

    @Test
    void refusesABodyThatIsTooLargeWithOrWithoutItsLength() {
        var limits = ServerLimits.DEFAULT.withMaxBodyBytes(1000);
        try (var server = ModelServer.start(settings().withLimits(limits));
                var client = Client.of(server)) {
            var bytes = "{\"inputs\": \"%s\"}".formatted("a".repeat(2000)).getBytes();
            for (var publisher :
                    List.of(
                            HttpRequest.BodyPublishers.ofByteArray(bytes),
                            HttpRequest.BodyPublishers.ofInputStream(
                                    () -> new java.io.ByteArrayInputStream(bytes)))) {
                var answer = client.send(client.request("/embed").POST(publisher).build());
                assertThat(answer.status()).isEqualTo(413);
                assertThat(answer.json().get("error_type").textValue()).isEqualTo("Validation");
            }
        }
    }

    @Test
    void answersOverloadWithRetryAfter() throws Exception {
        var limits = ServerLimits.DEFAULT.withMaxConcurrentRequests(1);
        try (var server = ModelServer.start(settings().withLimits(limits));
                var client = Client.of(server);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<Client.Answer>>();
            for (int i = 0; i < 12; i++) {
                answers.add(threads.submit(() -> client.post("/nlu", LONG)));
            }
            int refused = 0;
            int answered = 0;
            for (var future : answers) {
                var answer = future.get();
                if (answer.status() == 429) {
                    refused++;
                    assertThat(answer.header("Retry-After")).isEqualTo("1");
                    assertThat(answer.json().get("error_type").textValue()).isEqualTo("Overloaded");
                } else {
                    assertThat(answer.status()).isEqualTo(200);
                    answered++;
                }
            }
            assertThat(refused).isPositive();
            assertThat(answered).isPositive();
        }
    }

    @Test
    void givesUpARequestThatTakesTooLong() {
        var limits = ServerLimits.DEFAULT.withRequestTime(Duration.ofMillis(1));
        try (var server = ModelServer.start(settings().withLimits(limits));
                var client = Client.of(server)) {
            var answer = client.post("/nlu", LONG);

            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.json().get("error").textValue()).contains("no answer within 1 ms");
        }
    }

    @Test
    void dropsTheWorkOfAClientThatHasGone() throws Exception {
        try (var server = ModelServer.start(settings());
                var client = Client.of(server)) {
            var body = LONG.replace('\'', '"');
            for (int i = 0; i < 8; i++) {
                var socket = connect(server);
                write(
                        socket,
                        "POST /nlu HTTP/1.1\r\nHost: a\r\nContent-Length: "
                                + body.length()
                                + "\r\n\r\n"
                                + body);
                Thread.sleep(10);
                socket.close();
            }
            for (int i = 0; i < 100 && !metrics(client).contains("dropped"); i++) {
                Thread.sleep(50);
            }

            assertThat(metrics(client)).contains("te_request_failure{err=\"dropped\"}");
        }
    }

    private static String metrics(Client client) {
        return client.get("/metrics").response().body();
    }

    @Test
    void cutsOffAClientThatSendsOneByteAtATime() throws Exception {
        var limits = ServerLimits.DEFAULT.withReadTime(Duration.ofMillis(600));
        try (var server = ModelServer.start(settings().withLimits(limits))) {
            for (var head :
                    List.of(
                            "GET /health HTT",
                            "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n{")) {
                try (var socket = connect(server)) {
                    write(socket, head);
                    long start = System.nanoTime();

                    assertThat(dripUntilClosed(socket)).isTrue();
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                            .isLessThan(Duration.ofSeconds(5));
                }
            }
        }
    }

    /** Sends a byte each 100 ms until the server closes the connection. */
    private static boolean dripUntilClosed(Socket socket) throws Exception {
        socket.setSoTimeout(100);
        for (int i = 0; i < 60; i++) {
            try {
                socket.getOutputStream().write('x');
                if (socket.getInputStream().read() < 0) {
                    return true;
                }
            } catch (java.net.SocketTimeoutException e) {
                continue; // still open
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }

    @Test
    void closesAConnectionThatSendsNothing() throws Exception {
        var limits = ServerLimits.DEFAULT.withIdleTime(Duration.ofMillis(300));
        try (var server = ModelServer.start(settings().withLimits(limits));
                var socket = connect(server)) {
            socket.setSoTimeout(5000);

            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aClientThatDoesNotTakeItsAnswersIsCutOff() throws Exception {
        var limits = ServerLimits.DEFAULT.withIdleTime(Duration.ofMillis(500));
        try (var server = ModelServer.start(settings().withLimits(limits));
                var socket = connect(server);
                var client = Client.of(server)) {
            socket.setReceiveBufferSize(4096);
            var body = "{\"inputs\": \"%s\"}".formatted("play ".repeat(20));
            var request =
                    "POST /embed_all HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s"
                            .formatted(body.length(), body);
            try {
                for (int i = 0; i < 400_000; i++) {
                    write(socket, request);
                }
                assertThat(true).as("the server took all requests").isFalse();
            } catch (IOException e) {
                assertThat(client.get("/health").status()).isEqualTo(200);
            }
        }
    }

    private static Socket connect(ModelServer server) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }
}
