package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The server as a process of its own: how it starts, and how it ends. */
class ServeCommandTest {
    private static final String BODY = "{\"inputs\": [\"play the song\", \"in paris\"]}";

    @TempDir static Path folder;
    private static Path model = Path.of("");

    @BeforeAll
    static void write() {
        model = TinyModel.write(folder.resolve("tiny"), 5, 0.1).path();
    }

    /** A running server. */
    private record Server(Process process, Path err, String url) {
        HttpResponse<String> embed(HttpClient client) throws IOException, InterruptedException {
            return client.send(
                    HttpRequest.newBuilder(URI.create(url + "/embed"))
                            .POST(HttpRequest.BodyPublishers.ofString(BODY))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static Server start(int port) throws IOException, InterruptedException {
        var err = Files.createTempFile(folder, "serve", ".err");
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dai.djl.offline=true",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.mtl.cli.Main",
                                "serve",
                                "--model",
                                "small=" + model,
                                "--port",
                                Integer.toString(port))
                        .redirectError(err.toFile())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        for (int i = 0; i < 600 && process.isAlive(); i++) {
            for (var line : Files.readAllLines(err)) {
                if (line.startsWith("mtl: serving on ")) {
                    return new Server(process, err, line.substring("mtl: serving on ".length()));
                }
            }
            Thread.sleep(50);
        }
        process.destroyForcibly();
        throw new AssertionError(Files.readString(err));
    }

    @Test
    void answersAllRequestsThatBeganBeforeSigterm() throws Exception {
        var server = start(0);
        try (var client = HttpClient.newHttpClient();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ending = new AtomicBoolean();
            var calls = new ArrayList<Future<List<Integer>>>();
            for (int i = 0; i < 8; i++) {
                calls.add(threads.submit(callUntilEnd(server, client, ending)));
            }
            Thread.sleep(500);
            ending.set(true);
            server.process().destroy();

            for (var call : calls) {
                assertThat(call.get()).as("statuses of a caller").isNotEmpty().isSubsetOf(200, 503);
            }
            assertThat(server.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(server.err()).lines()).hasSize(1);
        } finally {
            server.process().destroyForcibly();
        }
    }

    /** Calls until it is refused; a request that is on its way may fail only once it is refused. */
    private static Callable<List<Integer>> callUntilEnd(
            Server server, HttpClient client, AtomicBoolean ending) {
        return () -> {
            var statuses = new ArrayList<Integer>();
            while (true) {
                try {
                    int status = server.embed(client).statusCode();
                    statuses.add(status);
                    if (status != 200) {
                        return statuses;
                    }
                } catch (ConnectException e) {
                    assertThat(ending).isTrue();
                    return statuses;
                }
            }
        };
    }

    @Test
    void killedUnderLoadItStartsAgainAtTheSamePortAndGivesTheSameAnswers() throws Exception {
        var killed = start(0);
        int port = URI.create(killed.url()).getPort();
        var bodies = new ConcurrentSkipListSet<String>();
        try (var client = HttpClient.newHttpClient();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Future<Integer>>();
            var answered = new CountDownLatch(8);
            for (int i = 0; i < 8; i++) {
                calls.add(threads.submit(() -> callUntilItFails(killed, client, bodies, answered)));
            }
            assertThat(answered.await(1, TimeUnit.MINUTES)).isTrue();
            killed.process().destroyForcibly().waitFor();
            for (var call : calls) {
                assertThat(call.get()).as("answers to a caller").isPositive();
            }
        } finally {
            killed.process().destroyForcibly();
        }
        var again = start(port);
        try (var client = HttpClient.newHttpClient()) {
            var expected = numbers(again.embed(client).body());
            // The batch that a text shares changes the last digits.
            assertThat(bodies)
                    .allSatisfy(
                            body ->
                                    assertThat(numbers(body))
                                            .usingComparatorWithPrecision(1e-5)
                                            .containsExactly(expected));
        } finally {
            again.process().destroyForcibly();
        }
    }

    private static double[] numbers(String body) throws IOException {
        return Arrays.stream(new ObjectMapper().readValue(body, double[][].class))
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    /** The number of answers before the connection was lost; each is whole. */
    private static int callUntilItFails(
            Server server, HttpClient client, Set<String> bodies, CountDownLatch answered)
            throws InterruptedException {
        for (int answers = 0; ; answers++) {
            try {
                var answer = server.embed(client);
                assertThat(answer.statusCode()).isEqualTo(200);
                bodies.add(answer.body());
                if (answers == 0) {
                    answered.countDown();
                }
            } catch (IOException e) {
                return answers;
            }
        }
    }

    @Test
    void namesWhatIsWrongWithACall() {
        var cache = folder.resolve("cache");
        var twice =
                Call.mtl(cache, "serve", "--model", model.toString(), "--model", "tiny=" + model);
        var none = Call.mtl(cache, "serve", "--model", folder.resolve("none").toString());
        var key = Call.mtl(cache, "serve", "--model", model.toString(), "--tls-cert", "a.pem");

        assertThat(twice.code()).isEqualTo(2);
        assertThat(twice.err()).contains("two models are called 'tiny'");
        assertThat(none.code()).isEqualTo(2);
        assertThat(key.code()).isEqualTo(2);
        assertThat(key.err()).contains("TLS needs a certificate and its private key");
    }
}
