package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.server.settings.ServerSettings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The routes that {@code /docs} shows: each answers the example that stands there. */
class DocumentedRoutesTest {
    private static final String KEY = "secret";

    @TempDir static Path folder;

    @Test
    void everyDocumentedRouteAnswersItsExample() throws IOException {
        var examples = folder.resolve("examples.txt");
        Files.writeString(examples, "play the song\nweather in paris\n");
        var settings =
                ServerSettings.of(TinyServed.trained("assistant", folder, 5))
                        .withApiKey(KEY)
                        .withExamples(examples);
        try (var server = ModelServer.start(settings);
                var client = Client.of(server).withKey(KEY)) {
            var paths = client.get("/api-doc/openapi.json").json().get("paths");

            assertThat(paths).hasSizeGreaterThan(20);
            for (var path : paths.properties()) {
                for (var operation : path.getValue().properties()) {
                    var place = path.getKey().replace("{name}", "assistant");
                    var answer =
                            operation.getKey().equals("get")
                                    ? client.get(place)
                                    : client.post(place, example(operation.getValue()));
                    assertThat(answer.status())
                            .as("%s: %s", path.getKey(), answer.response().body())
                            .isEqualTo(200);
                }
            }
        }
    }

    private static String example(JsonNode operation) {
        var example = operation.at("/requestBody/content/application~1json/example");
        assertThat(example.isMissingNode()).as("no example: %s", operation).isFalse();
        return example.toString();
    }
}
