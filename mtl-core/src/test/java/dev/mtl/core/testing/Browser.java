package dev.mtl.core.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.jspecify.annotations.Nullable;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Chromium, driven by chromedriver's WebDriver protocol. */
public final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process driver;
    private final String address;
    private final String session;

    private Browser(Path driverFile, int width, int height, boolean dark) {
        try {
            int port;
            try (var free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            driver =
                    new ProcessBuilder(driverFile.toString(), "--port=" + port)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            address = "http://127.0.0.1:" + port;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady();
        var arguments =
                List.of(
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--window-size=" + width + "," + height,
                        "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1));
        var capabilities =
                Map.of(
                        "browserName",
                        "chrome",
                        "goog:chromeOptions",
                        Map.of("args", arguments),
                        "goog:loggingPrefs",
                        Map.of("browser", "ALL"));
        session =
                "/session/"
                        + post(
                                        "/session",
                                        Map.of("capabilities", Map.of("alwaysMatch", capabilities)))
                                .get("sessionId")
                                .textValue();
    }

    /** The program chromedriver; the test is skipped on a machine without it. */
    public static Path requireDriver() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "chromedriver"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> abort("no chromedriver on the PATH (Debian: chromium-driver)"));
    }

    public static Browser open(int width, int height, boolean dark) {
        return new Browser(requireDriver(), width, height, dark);
    }

    private void awaitReady() {
        for (int i = 0; i < 100; i++) {
            try {
                if (send("GET", "/status", null).path("ready").booleanValue()) {
                    return;
                }
            } catch (UncheckedIOException e) {
                sleep();
            }
        }
        throw new IllegalStateException("chromedriver does not start");
    }

    private static void sleep() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public void visit(String url) {
        post(session + "/url", Map.of("url", url));
    }

    /** Runs a script and gives what it returns. */
    public JsonNode run(String script) {
        return post(session + "/execute/sync", Map.of("script", script, "args", List.of()));
    }

    /** Runs a script until it returns true. */
    public void await(String script) {
        for (int i = 0; i < 100; i++) {
            if (run(script).booleanValue()) {
                return;
            }
            sleep();
        }
        throw new AssertionError(
                "not so within 10 seconds: "
                        + script
                        + "; the page says: "
                        + run("return document.body.innerText.slice(0, 500)"));
    }

    /** Types keys into what has the focus. */
    public void type(String keys) {
        var element = send("GET", session + "/element/active", null).elements().next().textValue();
        post(session + "/element/" + element + "/value", Map.of("text", keys));
    }

    public void screenshot(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        var png = send("GET", session + "/screenshot", null).textValue();
        Files.write(file, Base64.getDecoder().decode(png));
    }

    /** What the page wrote to the console: errors of scripts and of the policy. */
    public JsonNode console() {
        return post(session + "/se/log", Map.of("type", "browser"));
    }

    private JsonNode post(String path, Object body) {
        return send("POST", path, body);
    }

    private JsonNode send(String method, String path, @Nullable Object body) {
        try {
            var publisher =
                    body == null
                            ? HttpRequest.BodyPublishers.noBody()
                            : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
            var response =
                    http.send(
                            HttpRequest.newBuilder(URI.create(address + path))
                                    .method(method, publisher)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            var json = JSON.readTree(response.body()).path("value");
            if (response.statusCode() != 200) {
                throw new AssertionError(path + ": " + json);
            }
            return json;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        send("DELETE", session, null);
        driver.destroy();
        http.shutdownNow();
    }
}
