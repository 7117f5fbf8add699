package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.embeddings.EmbeddingCreateParams;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.testing.RealModels;
import dev.mtl.server.settings.ModelSource;
import dev.mtl.server.settings.ServerSettings;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.IntStream;

/** OpenAI's own client and LangChain4j's, unmodified, against a real encoder behind a key. */
class OpenAiClientsTest {
    private static final String MODEL = "all-MiniLM-L6-v2";
    private static final String KEY = "secret";
    private static final List<String> TEXTS =
            List.of("A cat sits on the mat.", "Stock prices fell sharply.", "Ein kurzer Satz.");

    private static ModelServer server = null;
    private static float[][] expected = {};

    @BeforeAll
    static void start() {
        var model = RealModels.resolve(MODEL);
        try (var encoder =
                SentenceEncoder.load(
                        model, EncoderOptions.defaults().withNormalization(Normalization.L2))) {
            expected = encoder.encode(TEXTS);
        }
        var settings = ServerSettings.of(new ModelSource(MODEL, model)).withApiKey(KEY);
        server = ModelServer.start(settings);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static OpenAIClient openAi(String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.url() + "/v1")
                .apiKey(key)
                .maxRetries(0)
                .build();
    }

    @Test
    void openAisJavaClientReadsBase64Embeddings() {
        var client = openAi(KEY);
        try {
            var response =
                    client.embeddings()
                            .create(
                                    EmbeddingCreateParams.builder()
                                            .model(MODEL)
                                            .inputOfArrayOfStrings(TEXTS)
                                            .build());

            assertThat(response.data()).hasSize(3);
            for (int i = 0; i < 3; i++) {
                assertThat(response.data().get(i).index()).isEqualTo(i);
                assertClose(response.data().get(i).embedding(), expected[i], 2e-6f);
            }
            assertThat(response.model()).isEqualTo(MODEL);
            assertThat(response.usage().promptTokens()).isPositive();
        } finally {
            client.close();
        }
    }

    @Test
    void openAisJavaClientReadsFloatsOfTheAskedDimensions() {
        var client = openAi(KEY);
        try {
            var response =
                    client.embeddings()
                            .create(
                                    EmbeddingCreateParams.builder()
                                            .model(MODEL)
                                            .input(TEXTS.getFirst())
                                            .dimensions(128)
                                            .encodingFormat(
                                                    EmbeddingCreateParams.EncodingFormat.FLOAT)
                                            .build());

            assertThat(response.data().getFirst().embedding()).hasSize(128);
        } finally {
            client.close();
        }
    }

    @Test
    void openAisJavaClientListsModelsAndUnderstandsErrors() {
        var client = openAi(KEY);
        var stranger = openAi("wrong");
        try {
            assertThat(client.models().list().data())
                    .singleElement()
                    .satisfies(model -> assertThat(model.id()).isEqualTo(MODEL));
            var params = EmbeddingCreateParams.builder().model("no-such").input("a").build();
            assertThatThrownBy(() -> client.embeddings().create(params))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("The model `no-such` does not exist");
            assertThatThrownBy(() -> stranger.embeddings().create(params))
                    .isInstanceOf(UnauthorizedException.class);
        } finally {
            client.close();
            stranger.close();
        }
    }

    @Test
    void langChain4jEmbedsSegments() {
        var model =
                OpenAiEmbeddingModel.builder()
                        .baseUrl(server.url() + "/v1")
                        .apiKey(KEY)
                        .modelName(MODEL)
                        .build();

        var response = model.embedAll(TEXTS.stream().map(TextSegment::from).toList());

        assertThat(response.content()).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(response.content().get(i).vector())
                    .usingComparatorWithPrecision(2e-6f)
                    .containsExactly(expected[i]);
        }
        assertThat(response.tokenUsage().inputTokenCount()).isPositive();
        assertThat(model.dimension()).isEqualTo(384);
    }

    private static void assertClose(List<Float> actual, float[] wanted, float tolerance) {
        assertThat(actual).hasSize(wanted.length);
        IntStream.range(0, wanted.length)
                .forEach(
                        i -> assertThat(Math.abs(actual.get(i) - wanted[i])).isLessThan(tolerance));
    }
}
