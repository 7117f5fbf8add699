package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.server.settings.ModelSource;
import dev.mtl.server.settings.ServerSettings;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;

/** The routes of text-embeddings-inference, by its own request and response types. */
class TeiRoutesTest {
    @TempDir static Path folder;
    private static ModelSource trained = null;
    private static ModelSource encoder = null;
    private static ModelServer server = null;
    private static Client client = null;

    @BeforeAll
    static void start() {
        trained = TinyServed.trained("assistant", folder, 5);
        encoder = TinyServed.encoder("tiny", folder, 6);
        server = ModelServer.start(ServerSettings.of(trained, encoder));
        client = Client.of(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Test
    void embedsATextAsAListOfOneVectorOfLengthOne() {
        var answer = client.post("/embed", "{'inputs': 'play the song'}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json()).hasSize(1);
        assertThat(answer.json().get(0)).hasSize(32);
        assertThat(length(answer.json().get(0))).isCloseTo(1, within(1e-6));
        assertThat(answer.header("x-compute-tokens")).isEqualTo("5");
        assertThat(answer.header("x-compute-characters")).isEqualTo("13");
        assertThat(answer.header("x-compute-type")).isEqualTo("cpu");
        for (var header : List.of("x-tokenization-time", "x-queue-time", "x-inference-time")) {
            assertThat(answer.header(header)).matches("\\d+");
        }
    }

    @Test
    void theRootEmbedsForClientsThatKnowNoRoute() {
        assertThat(client.post("/", "{'inputs': 'play the song'}").json())
                .isEqualTo(client.post("/embed", "{'inputs': 'play the song'}").json());
    }

    @Test
    void embedsABatchAsTheEncoderDoes() {
        var answer =
                client.post(
                        "/embed",
                        "{'model': 'tiny', 'inputs': ['play', 'in paris'], 'normalize': false}");

        try (var same = SentenceEncoder.load(encoder.files(), EncoderOptions.defaults())) {
            var expected = same.encode(List.of("play", "in paris"));
            for (int i = 0; i < 2; i++) {
                assertThat(floats(answer.json().get(i)))
                        .usingComparatorWithPrecision(1e-6f)
                        .containsExactly(expected[i]);
            }
        }
    }

    @Test
    void cutsAndNormalizesToTheAskedDimensions() {
        var answer = client.post("/embed", "{'inputs': ['play'], 'dimensions': 8}");

        assertThat(answer.json().get(0)).hasSize(8);
        assertThat(length(answer.json().get(0))).isCloseTo(1, within(1e-6));
    }

    @Test
    void embedsTokenIdsAsTheTextThatTheyStandFor() {
        var ids = List.of(TinyTokenizer.id("play"), TinyTokenizer.id("the"));

        var answer = client.post("/embed", "{'inputs': [%s, 'play the']}".formatted(ids));

        assertThat(answer.json()).hasSize(2);
        assertThat(answer.json().get(0)).isEqualTo(answer.json().get(1));
        assertThat(client.post("/embed", "{'inputs': %s}".formatted(ids)).json().get(0))
                .isEqualTo(answer.json().get(0));
    }

    @Test
    void embedsEachTokenAndTheirMeanIsTheTextsEmbedding() {
        var tokens =
                client.post("/embed_all", "{'model': 'tiny', 'inputs': ['play', 'in paris']}")
                        .json();
        var texts =
                client.post(
                                "/embed",
                                "{'model': 'tiny', 'inputs': ['play', 'in paris'],"
                                        + " 'normalize': false}")
                        .json();

        assertThat(tokens.get(0)).hasSize(3); // [CLS] play [SEP]
        assertThat(tokens.get(1)).hasSize(4);
        for (int text = 0; text < 2; text++) {
            double sum = 0;
            for (var token : tokens.get(text)) {
                sum += token.get(7).doubleValue();
            }
            assertThat(sum / tokens.get(text).size())
                    .isCloseTo(texts.get(text).get(7).doubleValue(), within(1e-6));
        }
    }

    @Test
    void predictsTheLabelsOfATextAndOfABatch() {
        var one = client.post("/predict", "{'inputs': 'play the song'}").json();
        var batch = client.post("/predict", "{'inputs': [['play the song'], ['paris']]}").json();

        assertThat(one).hasSize(3);
        assertThat(one.findValuesAsText("label"))
                .containsExactlyInAnyOrderElementsOf(TinyServed.INTENTS);
        assertThat(one.get(0).fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("score", "label");
        assertThat(one.get(0).get("score").doubleValue())
                .isGreaterThanOrEqualTo(one.get(1).get("score").doubleValue());
        assertThat(batch).hasSize(2);
        assertThat(batch.get(0).get(0).get("label")).isEqualTo(one.get(0).get("label"));
    }

    @Test
    void predictsAPairByATaskOfTwoTexts() {
        var answer = client.post("/predict", "{'inputs': ['play', 'play']}").json();

        assertThat(answer.findValuesAsText("label")).containsExactly("LABEL_0");
        assertThat(answer.get(0).get("score").doubleValue()).isCloseTo(1, within(1e-5));
    }

    @Test
    void rawScoresAreTheLogOfTheOdds() {
        var score = client.post("/predict", "{'inputs': 'play'}").json().get(0).get("score");
        var raw =
                client.post("/predict", "{'inputs': 'play', 'raw_scores': true}")
                        .json()
                        .get(0)
                        .get("score");

        double p = score.doubleValue();
        assertThat(raw.doubleValue()).isCloseTo(Math.log(p / (1 - p)), within(1e-4));
    }

    @Test
    void ranksTextsByTheSimilarityTask() {
        var answer =
                client.post(
                                "/rerank",
                                "{'query': 'play the song', 'texts': ['weather', 'play the song',"
                                        + " 'in paris'], 'return_text': true, 'task': 'alike'}")
                        .json();

        assertThat(answer).hasSize(3);
        assertThat(answer.get(0).get("index").intValue()).isEqualTo(1);
        assertThat(answer.get(0).get("text").textValue()).isEqualTo("play the song");
        assertThat(answer.get(0).get("score").doubleValue())
                .isGreaterThan(answer.get(1).get("score").doubleValue());
    }

    @Test
    void similarityIsTheCosineWithTheSource() {
        var answer =
                client.post(
                                "/similarity",
                                "{'inputs': {'source_sentence': 'play', 'sentences': ['play',"
                                        + " 'paris']}}")
                        .json();

        assertThat(answer.get(0).doubleValue()).isCloseTo(1, within(1e-6));
        assertThat(answer.get(1).doubleValue()).isLessThan(1);
    }

    @Test
    void showsTokensWithOffsetsInBytes() {
        var tokens = client.post("/tokenize", "{'inputs': 'é playing'}").json().get(0);

        assertThat(tokens.findValuesAsText("text"))
                .containsExactly("[CLS]", "é", "play", "ing", "[SEP]");
        assertThat(tokens.get(0).get("special").booleanValue()).isTrue();
        assertThat(tokens.get(0).get("start").isNull()).isTrue();
        assertThat(tokens.get(2).get("start").intValue()).isEqualTo(3); // two bytes and a space
        assertThat(tokens.get(2).get("stop").intValue()).isEqualTo(7);
        assertThat(
                        client.post("/tokenize", "{'inputs': 'play', 'add_special_tokens': false}")
                                .json()
                                .get(0))
                .hasSize(1);
    }

    @Test
    void decodesWhatItTokenized() {
        var ids =
                client.post("/tokenize", "{'inputs': 'play the song'}")
                        .json()
                        .get(0)
                        .findValuesAsText("id");

        assertThat(client.post("/decode", "{'ids': %s}".formatted(ids)).json().get(0).textValue())
                .isEqualTo("play the song");
        assertThat(
                        client.post(
                                        "/decode",
                                        "{'ids': [%s], 'skip_special_tokens': false}"
                                                .formatted(ids))
                                .json()
                                .get(0)
                                .textValue())
                .isEqualTo("[CLS] play the song [SEP]");
    }

    @Test
    void refusesToCutATextIfAskedTo() {
        var text = "play ".repeat(30);

        assertThat(client.post("/embed", "{'inputs': '%s'}".formatted(text)).status())
                .isEqualTo(200);
        var refused = client.post("/embed", "{'inputs': '%s', 'truncate': false}".formatted(text));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json().get("error").textValue())
                .isEqualTo(
                        "Input validation error: `inputs` must have less than 24 tokens. Given:"
                                + " 32");
    }

    @Test
    void cutsTheStartIfAskedTo() {
        var text = "paris ".repeat(30) + "play ".repeat(22);

        var left =
                client.post(
                        "/embed",
                        "{'inputs': '%s', 'truncation_direction': 'Left'}".formatted(text));

        assertThat(floats(left.json().get(0)))
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(
                        floats(
                                client.post(
                                                "/embed",
                                                "{'inputs': '%s'}".formatted("play ".repeat(22)))
                                        .json()
                                        .get(0)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "/embed | {'inputs': []} | 400 | Empty",
                "/embed | {'inputs': ''} | 400 | Empty",
                "/embed | {} | 422 | Validation",
                "/embed | {'inputs': 7} | 422 | Validation",
                "/embed | {'inputs': 'a | 422 | Validation",
                "/embed | {'inputs': 'a', 'dimensions': 0} | 422 | Validation",
                "/embed | {'inputs': 'a', 'dimensions': 33} | 422 | Validation",
                "/embed | {'inputs': 'a', 'prompt_name': 'no'} | 422 | Validation",
                "/embed | {'inputs': 'a', 'model': 'no'} | 404 | Validation",
                "/embed | {'inputs': '\\ud800'} | 422 | Validation",
                "/embed_sparse | {'inputs': 'a'} | 424 | Backend",
                "/predict | {'inputs': 'a', 'model': 'tiny'} | 424 | Backend",
                "/predict | {'inputs': ['a', 'b', 'c']} | 422 | Validation",
                "/rerank | {'query': 'a', 'texts': []} | 400 | Empty",
                "/rerank | {'query': 'a', 'texts': ['b'], 'model': 'tiny'} | 424 | Backend",
                "/rerank | {'query': 'a', 'texts': ['b'], 'task': 'intent'} | 422 | Validation",
                "/decode | {'ids': []} | 400 | Empty",
                "/decode | {'ids': [-1]} | 422 | Validation",
                "/nothing | {} | 404 | Validation",
            })
    void errorsHaveTheStatusAndTypeOfTextEmbeddingsInference(
            String path, String body, int status, String type) {
        var answer = client.post(path, body);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().get("error_type").textValue()).isEqualTo(type);
        assertThat(answer.json().get("error").textValue()).isNotBlank();
        assertThat(answer.json()).hasSize(2);
    }

    @Test
    void refusesMoreInputsThanItsLimit() {
        var inputs = "'a',".repeat(32) + "'a'";

        var answer = client.post("/embed", "{'inputs': [%s]}".formatted(inputs));

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("error").textValue())
                .endsWith("batch size 33 > maximum allowed batch size 32");
    }

    @Test
    void infoDescribesTheFirstModelAndAllOthers() {
        var info = client.get("/info").json();

        assertThat(info.get("model_id").textValue()).isEqualTo("assistant");
        assertThat(info.at("/model_type/embedding/pooling").textValue()).isEqualTo("mean");
        assertThat(info.get("max_input_length").intValue()).isEqualTo(24);
        assertThat(info.get("max_client_batch_size").intValue()).isEqualTo(32);
        assertThat(info.get("max_concurrent_requests").intValue()).isEqualTo(512);
        assertThat(info.get("models")).hasSize(2);
        assertThat(info.get("tasks").findValuesAsText("gives"))
                .containsExactly("labels", "entities", "values");
    }

    @Test
    void healthIsEmptyAndTwoHundred() {
        for (var path : List.of("/", "/health", "/ping")) {
            var answer = client.get(path);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.response().body()).isEmpty();
        }
    }

    @Test
    void nluGivesEveryAnswerOfOnePass() {
        var answer =
                client.post(
                        "/nlu",
                        "{'inputs': ['play the song in paris', ''], 'top_k': 2, 'embedding':"
                                + " true}");

        assertThat(answer.json()).hasSize(2);
        var first = answer.json().get(0);
        assertThat(first.at("/tasks/intent/labels")).hasSize(2);
        assertThat(first.at("/tasks/slots/entities").isArray()).isTrue();
        assertThat(first.get("embedding")).hasSize(32);
        try (var pipeline = Pipeline.load(trained.files().path())) {
            var expected = pipeline.analyze("play the song in paris").labels("intent").getFirst();
            assertThat(first.at("/tasks/intent/label").textValue()).isEqualTo(expected.name());
            assertThat(first.at("/tasks/intent/score").doubleValue())
                    .isCloseTo(expected.score(), within(1e-6));
        }
    }

    @Test
    void nluAnswersPairsAndChosenTasks() {
        var pairs = client.post("/nlu", "{'inputs': [['play', 'the song']]}").json();
        var one = client.post("/nlu", "{'inputs': 'play', 'tasks': ['intent']}").json();

        assertThat(pairs.get(0).get("tasks").fieldNames()).toIterable().containsExactly("alike");
        assertThat(one.get(0).get("tasks").fieldNames()).toIterable().containsExactly("intent");
        assertThat(client.post("/nlu", "{'inputs': 'play', 'tasks': ['alike']}").status())
                .isEqualTo(422);
    }

    private static double length(JsonNode vector) {
        double sum = 0;
        for (var value : vector) {
            sum += value.doubleValue() * value.doubleValue();
        }
        return Math.sqrt(sum);
    }

    private static float[] floats(JsonNode vector) {
        var values = new float[vector.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = vector.get(i).floatValue();
        }
        return values;
    }
}
