package dev.mtl.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelResponseContext;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.spi.model.embedding.EmbeddingModelFactory;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.testing.TinyModel;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

class MtlEmbeddingModelTest {
    private static final List<String> TEXTS =
            List.of("play the song", "what is the weather in paris", "book the blue room");
    private static final Offset<Float> FLOAT = Offset.offset(1e-6f);

    @TempDir static Path folder;
    private static String name = "";
    private static List<EmbeddingModelResponseContext> heard = new ArrayList<>();
    private static MtlEmbeddingModel model = null;
    private static SentenceEncoder encoder = null;

    @BeforeAll
    static void load() throws IOException {
        TinyModel.write(folder.resolve("model"), 5, 0.1);
        name = folder.resolve("model").toString();
        Files.writeString(
                folder.resolve("model/config_sentence_transformers.json"),
                "{\"prompts\": {\"query\": \"what is \", \"document\": \"the song \"}}");
        var listener =
                new EmbeddingModelListener() {
                    @Override
                    public void onResponse(EmbeddingModelResponseContext context) {
                        heard.add(context);
                    }
                };
        model =
                MtlEmbeddingModel.load(
                        name,
                        EncoderOptions.defaults()
                                .withMaxLength(16)
                                .withLongTexts(EncoderOptions.LongTexts.WINDOW),
                        List.of(listener));
        encoder = SentenceEncoder.load(name, EncoderOptions.defaults().withMaxLength(16));
    }

    @AfterAll
    static void close() {
        model.close();
        encoder.close();
    }

    private static float[] embed(EmbeddingRequest.Builder request) {
        return model.embed(request.build()).embeddings().getFirst().vector();
    }

    @Test
    void embedsSegmentsAsTheEncoderDoesAndTellsListeners() {
        heard.clear();
        var segments = TEXTS.stream().map(text -> TextSegment.from(text, new Metadata())).toList();
        var response = model.embedAll(segments);

        for (int i = 0; i < TEXTS.size(); i++) {
            assertThat(response.content().get(i).vector())
                    .containsExactly(encoder.encode(TEXTS.get(i)), FLOAT);
        }
        assertThat(heard).hasSize(1);
        assertThat(model.dimension()).isEqualTo(encoder.dimensions());
        assertThat(model.modelName()).isEqualTo(name);
    }

    @Test
    void tokenUsageLeavesSpecialTokensOut() {
        var usage = model.embed("play the song").tokenUsage();

        assertThat(usage.inputTokenCount()).isEqualTo(3);
        assertThat(model.tokenCountEstimator().estimateTokenCountInText("play the song"))
                .isEqualTo(3);
    }

    @Test
    void theInputTypeChoosesThePrompt() {
        var query = EmbeddingRequest.builder().input("paris").inputType(EmbeddingInputType.QUERY);
        var document =
                EmbeddingRequest.builder().input("paris").inputType(EmbeddingInputType.DOCUMENT);

        assertThat(embed(query)).containsExactly(encoder.encodeQuery("paris"), FLOAT);
        assertThat(embed(document)).containsExactly(encoder.encodeDocument("paris"), FLOAT);
        assertThat(embed(query)).isNotEqualTo(embed(document));
    }

    @Test
    void dimensionsCutTheVector() {
        var cut = embed(EmbeddingRequest.builder().input("paris").dimensions(8));

        assertThat(cut).hasSize(8).startsWith(java.util.Arrays.copyOf(encoder.encode("paris"), 8));
        assertThatThrownBy(() -> embed(EmbeddingRequest.builder().input("a").dimensions(33)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("has 32");
    }

    @Test
    void longTextsAreNotCut() {
        var text = "play the song " + "in the blue room ".repeat(20);

        assertThat(model.embed(text).content().vector()).isNotEqualTo(encoder.encode(text));
        assertThat(model.embed(text).tokenUsage().inputTokenCount()).isEqualTo(83);
    }

    @Test
    void aModelNameInARequestIsRefused() {
        assertThatThrownBy(() -> embed(EmbeddingRequest.builder().input("a").modelName("other")))
                .isInstanceOf(UnsupportedFeatureException.class);
    }

    @Test
    void langChain4jFindsTheFactory() {
        assertThat(ServiceLoader.load(EmbeddingModelFactory.class))
                .hasAtLeastOneElementOfType(MtlEmbeddingModelFactory.class);
    }

    @Test
    void aSegmentIsTheNearestToItself() {
        var store = new InMemoryEmbeddingStore<TextSegment>();
        for (var text : TEXTS) {
            store.add(model.embed(text).content(), TextSegment.from(text));
        }
        for (var text : TEXTS) {
            var request =
                    EmbeddingSearchRequest.builder()
                            .queryEmbedding(model.embed(text).content())
                            .maxResults(1)
                            .build();
            assertThat(store.search(request).matches().getFirst().embedded().text())
                    .isEqualTo(text);
        }
    }
}
