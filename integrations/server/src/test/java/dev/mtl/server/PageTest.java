package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.Browser;
import dev.mtl.server.settings.ServerSettings;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The page in a real browser, by the keyboard alone; its pictures are in target/screenshots. */
class PageTest {
    private static final String CONTROL_ENTER = "\uE009\uE007";

    @TempDir static Path folder;
    private static ModelServer server = null;

    @BeforeAll
    static void start() throws IOException {
        Browser.requireDriver();
        var examples = folder.resolve("examples.jsonl");
        Files.writeString(
                examples,
                "{\"text\": \"play the song\", \"label\": \"Play\"}\n{\"text\": \"in paris\"}\n");
        server =
                ModelServer.start(
                        ServerSettings.of(
                                        TinyServed.trained("assistant", folder, 5),
                                        TinyServed.encoder("tiny", folder, 6))
                                .withApiKey("secret")
                                .withExamples(examples));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"1400, 1000, false", "500, 1300, true"})
    void showsEveryAnswerAndComparesTwoModels(int width, int height, boolean dark)
            throws IOException {
        try (var browser = Browser.open(width, height, dark)) {
            browser.visit(server.url());
            browser.await("return !document.getElementById('key-row').hidden");
            browser.run("document.getElementById('key').focus()");
            browser.type("secret\t");
            browser.await("return document.getElementById('model-1').options.length === 2");
            browser.run("document.getElementById('text').focus()");
            browser.type("play the song in paris" + CONTROL_ENTER);
            browser.await("return document.querySelectorAll('section').length === 1");

            assertThat(browser.run("return document.querySelectorAll('.bar').length").intValue())
                    .isEqualTo(3);
            assertThat(browser.run("return document.querySelector('.text').textContent").asText())
                    .startsWith("play");
            assertThat(browser.run("return document.querySelectorAll('.near').length").intValue())
                    .isEqualTo(2);
            assertThat(browser.run("return document.querySelector('.ms').textContent").asText())
                    .matches("[0-9.]+ ms, 7 tokens");

            browser.run("document.getElementById('view-two').focus()");
            browser.type(" ");
            browser.await("return document.querySelectorAll('section').length === 2");
            assertThat(
                            browser.run(
                                            "return document.documentElement.scrollWidth"
                                                    + " <= window.innerWidth")
                                    .booleanValue())
                    .isTrue();
            assertThat(
                            browser.run("return getComputedStyle(document.body).backgroundColor")
                                    .asText())
                    .isEqualTo(dark ? "rgb(20, 24, 27)" : "rgb(251, 251, 249)");
            browser.screenshot(Path.of("target", "screenshots", "page-" + width + ".png"));
        }
    }

    @Test
    void listsTheRoutesAndBreaksNoPolicy() throws IOException {
        try (var browser = Browser.open(1400, 1000, false)) {
            browser.visit(server.url() + "/docs");
            browser.await("return document.querySelectorAll('tr').length > 15");

            assertThat(browser.console()).isEmpty();
            browser.screenshot(Path.of("target", "screenshots", "docs.png"));
        }
    }

    @Test
    void programsReadHealthWhereBrowsersReadThePage() {
        try (var client = Client.of(server)) {
            var page = client.send(client.request("/").header("Accept", "text/html").build());

            assertThat(page.header("Content-Security-Policy")).contains("default-src 'self'");
            assertThat(page.response().body()).contains("<title>MTL");
            assertThat(client.get("/").response().body()).isEmpty();
        }
    }
}
