package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;

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

/** {@code /nlu} and {@code /nearest}: what their options do, and what they refuse. */
class NluRoutesTest {
    @TempDir static Path folder;
    private static ModelServer server = null;
    private static Client client = null;

    @BeforeAll
    static void start() throws IOException {
        var examples = folder.resolve("examples.jsonl");
        Files.writeString(
                examples,
                """
                {"text": "play the song", "label": "Play"}
                {"text": "weather in paris", "label": "Ask"}
                {"text": "the song"}
                """);
        server =
                ModelServer.start(
                        ServerSettings.of(TinyServed.trained("model", folder, 5))
                                .withExamples(examples));
        client = Client.of(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Test
    void offsetsCountUtf16UnitsOrCodePoints() {
        // Every word of this text is an entity or none is: compared are the ends of the last one.
        var text = "😀 paris play";
        var units = client.post("/nlu", "{'inputs': '%s'}".formatted(text)).json();
        var points =
                client.post("/nlu", "{'inputs': '%s', 'offsets': 'codepoint'}".formatted(text))
                        .json();

        var entities = units.at("/0/tasks/slots/entities");
        var converted = points.at("/0/tasks/slots/entities");
        assertThat(entities).isNotEmpty().hasSameSizeAs(converted);
        for (int i = 0; i < entities.size(); i++) {
            for (var key : new String[] {"start", "end"}) {
                int unit = entities.get(i).get(key).intValue();
                assertThat(converted.get(i).get(key).intValue())
                        .isEqualTo(text.codePointCount(0, unit));
            }
        }
    }

    @Test
    void nearestGivesTheClosestExamplesWithTheirLabels() {
        var near = client.post("/nearest", "{'inputs': 'play the song', 'top_k': 2}").json();

        assertThat(near).hasSize(2);
        assertThat(near.get(0).get("text").textValue()).isEqualTo("play the song");
        assertThat(near.get(0).get("label").textValue()).isEqualTo("Play");
        assertThat(near.get(0).get("score").floatValue()).isGreaterThan(0.9999f);
        assertThat(near.get(1).get("score").floatValue())
                .isLessThanOrEqualTo(near.get(0).get("score").floatValue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "/nlu | {'inputs': {}} | `inputs` must be a string",
                "/nlu | {'inputs': ['play', ['play', 'paris']]} | texts and pairs: send them apart",
                "/nlu | {'inputs': [['a', 'b', 'c']]} | a text or a pair of texts",
                "/nlu | {'inputs': 'play', 'offsets': 'bytes'} | `offsets` is utf16 or codepoint",
                "/nlu | {'inputs': 'play', 'tasks': ['no']} | `tasks` may have [intent, slots]",
                "/nlu | {'inputs': 'play', 'top_k': 0} | `top_k`",
                "/nearest | {'inputs': ['play']} | `inputs`",
            })
    void whatCannotBeAnsweredIsRefusedWithItsKey(String path, String body, String reason) {
        var answer = client.post(path, body);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("error").textValue()).contains(reason);
    }
}
