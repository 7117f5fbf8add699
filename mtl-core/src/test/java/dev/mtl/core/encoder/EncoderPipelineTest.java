package dev.mtl.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.PipelineOptions;
import dev.mtl.core.pipeline.PipelineTokenizer.Token;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A pipeline of an encoder without tasks. */
@ExtendWith(LeavesNoTensorBehind.class)
class EncoderPipelineTest {
    private static final List<String> TEXTS = List.of("play the song", "", "weather in paris");

    @TempDir static Path folder;
    private static ModelDirectory model = null;

    @BeforeAll
    static void write() throws IOException {
        model = TinyModel.write(folder.resolve("tiny"), 5, 0.1);
        Files.writeString(
                model.path().resolve("config_sentence_transformers.json"),
                "{\"prompts\": {\"query\": \"what is \"}, \"default_prompt_name\": null}");
    }

    @Test
    void embedsAsTheEncoderDoesWithEachPrompt() {
        try (var pipeline =
                        Pipeline.loadEncoder(
                                model.path(), model.tokenizerJson(), PipelineOptions.defaults());
                var encoder = SentenceEncoder.load(model, EncoderOptions.defaults())) {
            assertThat(pipeline.embed(TEXTS, null)).isDeepEqualTo(encoder.encode(TEXTS));
            assertThat(pipeline.embed(TEXTS, "query")).isDeepEqualTo(encoder.encodeQuery(TEXTS));
            assertThat(pipeline.embed(TEXTS, "document"))
                    .isDeepEqualTo(encoder.encodeDocument(TEXTS));
            assertThatThrownBy(() -> pipeline.embed(TEXTS, "no"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("no prompt 'no'");
        }
    }

    @Test
    void embedsEachTokenOfATextWithoutPadding() {
        try (var pipeline =
                Pipeline.loadEncoder(
                        model.path(), model.tokenizerJson(), PipelineOptions.defaults())) {
            var tokens = pipeline.embedTokens(TEXTS, null);

            assertThat(tokens).extracting(rows -> rows.length).containsExactly(5, 2, 5);
            var mean = new float[TinyModel.HIDDEN];
            for (var row : tokens.getFirst()) {
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += row[i] / tokens.getFirst().length;
                }
            }
            assertThat(mean)
                    .usingComparatorWithPrecision(1e-6f)
                    .containsExactly(pipeline.embed(TEXTS, null)[0]);
        }
    }

    @Test
    void showsAllTokensOfATextThatIsTooLong() {
        try (var pipeline =
                Pipeline.loadEncoder(
                        model.path(),
                        model.tokenizerJson(),
                        PipelineOptions.defaults().withMaxLength(4))) {
            var tokenizer = pipeline.tokenizer();

            assertThat(tokenizer.tokenize("play the blue song", true, null))
                    .extracting(Token::text)
                    .containsExactly("[CLS]", "play", "the", "blue", "song", "[SEP]");
            assertThat(tokenizer.count("play the blue song", null)).isEqualTo(6);
            assertThat(tokenizer.end("play the blue song", null)).isEqualTo("blue song");
            assertThat(tokenizer.end("blue song", null)).isEqualTo("blue song");
        }
    }

    @Test
    void analysesHaveEmbeddingsAndNoPredictions() {
        try (var pipeline =
                Pipeline.loadEncoder(
                        model.path(), model.tokenizerJson(), PipelineOptions.defaults())) {
            var analysis = pipeline.analyze("play");

            assertThat(analysis.predictions()).isEmpty();
            assertThat(analysis.embedding()).hasSize(TinyModel.HIDDEN);
            assertThatThrownBy(
                            () ->
                                    pipeline.analyzeExamples(
                                            List.of(List.of("play")), List.of("intent")))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("no task 'intent'");
        }
    }
}
