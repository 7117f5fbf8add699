package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.server.settings.ServerSettings;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;

/** The Open Inference Protocol, by the JSON of its specification. */
class OipRoutesTest {
    @TempDir static Path folder;
    private static ModelServer server = null;
    private static Client client = null;

    @BeforeAll
    static void start() {
        server = ModelServer.start(ServerSettings.of(TinyServed.trained("assistant", folder, 5)));
        client = Client.of(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Test
    void aServerIsLiveAndReadyAndHasMetadata() {
        assertThat(client.get("/v2").json().fieldNames())
                .toIterable()
                .containsExactly("name", "version", "extensions");
        assertThat(client.get("/v2/health/live").json().get("live").booleanValue()).isTrue();
        assertThat(client.get("/v2/health/ready").json().get("ready").booleanValue()).isTrue();
    }

    @Test
    void aModelIsReadyAndDescribesItsTensors() {
        var ready = client.get("/v2/models/assistant/versions/1/ready");
        var metadata = client.get("/v2/models/assistant").json();

        assertThat(ready.json().get("name").textValue()).isEqualTo("assistant");
        assertThat(ready.json().get("ready").booleanValue()).isTrue();
        assertThat(metadata.get("versions").get(0).textValue()).isEqualTo("1");
        assertThat(metadata.get("platform").isTextual()).isTrue();
        assertThat(metadata.at("/inputs/0/datatype").textValue()).isEqualTo("BYTES");
        assertThat(metadata.get("outputs").findValuesAsText("name"))
                .containsExactly("embedding", "intent", "intent.score", "slots", "alike");
        assertThat(metadata.at("/outputs/0/shape").toString()).isEqualTo("[-1,32]");
    }

    @Test
    void infersAllOutputsOfTexts() {
        var answer =
                client.post(
                        "/v2/models/assistant/infer",
                        "{'id': '42', 'inputs': [{'name': 'text', 'shape': [2], 'datatype':"
                                + " 'BYTES', 'data': ['play the song', 'paris']}]}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("model_name").textValue()).isEqualTo("assistant");
        assertThat(answer.json().get("id").textValue()).isEqualTo("42");
        var outputs = answer.json().get("outputs");
        assertThat(outputs.findValuesAsText("name"))
                .containsExactly("embedding", "intent", "intent.score", "slots");
        assertThat(outputs.get(0).get("shape").toString()).isEqualTo("[2,32]");
        assertThat(outputs.get(0).get("datatype").textValue()).isEqualTo("FP32");
        assertThat(outputs.get(0).get("data")).hasSize(64);
        assertThat(outputs.get(1).get("shape").toString()).isEqualTo("[2]");
        assertThat(TinyServed.INTENTS).contains(outputs.get(1).get("data").get(0).textValue());
    }

    @Test
    void infersTheOutputsThatAreAskedForOfPairs() {
        var input = "{'name': '%s', 'shape': [1, 1], 'datatype': 'BYTES', 'data': [['play']]}";

        var answer =
                client.post(
                        "/v2/models/assistant/versions/1/infer",
                        "{'inputs': [%s, %s], 'outputs': [{'name': 'alike'}]}"
                                .formatted(input.formatted("a"), input.formatted("b")));

        assertThat(answer.json().get("outputs")).hasSize(1);
        assertThat(answer.json().at("/outputs/0/data/0").doubleValue()).isGreaterThan(0.999);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "/v2/models/no/infer | {} | 404",
                "/v2/models/assistant/versions/7/infer | {} | 404",
                "/v2/models/assistant/infer | {} | 400",
                "/v2/models/assistant/infer | {'inputs': [{'name': 'text', 'shape': [3],"
                        + " 'datatype': 'BYTES', 'data': ['a']}]} | 400",
                "/v2/models/assistant/infer | {'inputs': [{'name': 'text', 'shape': [1],"
                        + " 'datatype': 'FP32', 'data': [1.0]}]} | 400",
                "/v2/models/assistant/infer | {'inputs': [{'name': 'text', 'shape': [1],"
                    + " 'datatype': 'BYTES', 'data': ['a']}], 'outputs': [{'name': 'no'}]} | 400",
            })
    void errorsAreOneTextAsTheProtocolSays(String path, String body, int status) {
        var answer = client.post(path, body);

        assertThat(List.of(answer.status())).containsExactly(status);
        assertThat(answer.json().fieldNames()).toIterable().containsExactly("error");
    }
}
