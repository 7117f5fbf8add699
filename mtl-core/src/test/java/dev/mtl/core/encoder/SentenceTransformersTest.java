package dev.mtl.core.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Device;
import dev.mtl.torch.runtime.Cuda;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Models that sentence-transformers saved, against its embeddings ({@code
 * benchmarks/peers/golden_sentences.py}).
 */
@ExtendWith(LeavesNoTensorBehind.class)
class SentenceTransformersTest {
    /** For components of up to 1 in size; relative for larger ones. */
    private static final double TOLERANCE = 1e-6;

    private static final Path MODELS =
            Path.of("src/test/resources/dev/mtl/core/encoder/sentence-transformers");

    @TempDir static Path folder;
    private static JsonNode expected = JsonMapper.builder().build().createObjectNode();

    @BeforeAll
    static void read() throws IOException {
        expected = JsonMapper.builder().build().readTree(MODELS.resolve("expected.json").toFile());
    }

    /** The files of a model together with those that all share. */
    private static ModelDirectory model(String name) throws IOException {
        var directory = folder.resolve(name);
        if (!Files.exists(directory)) {
            var source = MODELS.resolve(name);
            try (var files = Files.walk(source)) {
                for (var file : files.sorted().toList()) {
                    Files.copy(file, directory.resolve(source.relativize(file).toString()));
                }
            }
            for (var file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
                Files.copy(MODELS.resolve(file), directory.resolve(file));
            }
        }
        return new ModelDirectory(name, directory, directory.resolve("tokenizer.json"));
    }

    private static SentenceEncoder load(String model, UnaryOperator<EncoderOptions> options)
            throws IOException {
        return SentenceEncoder.load(
                model(model), options.apply(EncoderOptions.defaults().withWorkers(2)));
    }

    private static List<String> texts() {
        var texts = new ArrayList<String>();
        expected.path("texts").forEach(text -> texts.add(text.asText()));
        return texts;
    }

    static Stream<Arguments> modelsAndDevices() throws IOException {
        read();
        var calls = new TreeMap<String, List<JsonNode>>();
        for (var call : expected.path("calls")) {
            calls.computeIfAbsent(call.path("model").asText(), _ -> new ArrayList<>()).add(call);
        }
        var devices =
                Cuda.isAvailable() ? List.of(Device.CPU, Device.cuda(0)) : List.of(Device.CPU);
        return calls.entrySet().stream()
                .flatMap(
                        entry ->
                                devices.stream()
                                        .map(
                                                device ->
                                                        Arguments.of(
                                                                entry.getKey(),
                                                                device,
                                                                entry.getValue())));
    }

    @ParameterizedTest(name = "{0} on {1}")
    @MethodSource("modelsAndDevices")
    void givesTheEmbeddingsOfSentenceTransformers(String model, Device device, List<JsonNode> calls)
            throws IOException {
        for (var call : calls) {
            var arguments = call.path("arguments");
            try (var encoder =
                    load(model, options -> options(arguments, options.withDevice(device)))) {
                var embeddings = embed(encoder, call.path("method").asText());
                var what = model + " " + call.path("method").asText() + arguments;
                assertClose(what, embeddings, call.path("embeddings"));
                assertThat(encoder.dimensions()).isEqualTo(embeddings[0].length);
                assertThat(encoder.encode(texts().getFirst())).hasSize(encoder.dimensions());
            }
        }
    }

    private static EncoderOptions options(JsonNode arguments, EncoderOptions options) {
        var named = options;
        if (arguments.has("prompt_name")) {
            named = named.withPromptName(arguments.path("prompt_name").asText());
        }
        if (arguments.has("prompt")) {
            named = named.withPrompt(arguments.path("prompt").asText());
        }
        if (arguments.has("truncate_dim")) {
            named = named.withTruncateDim(arguments.path("truncate_dim").asInt());
        }
        return arguments.path("normalize_embeddings").asBoolean()
                ? named.withNormalization(Normalization.L2)
                : named;
    }

    private static float[][] embed(SentenceEncoder encoder, String method) {
        return switch (method) {
            case "encode" -> encoder.encode(texts());
            case "encode_query" -> encoder.encodeQuery(texts());
            case "encode_document" -> encoder.encodeDocument(texts());
            default -> throw new AssertionError(method);
        };
    }

    private static void assertClose(String what, float[][] actual, JsonNode rows) {
        assertThat(actual.length).as(what).isEqualTo(rows.size());
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as(what).hasSize(rows.get(i).size());
            for (int j = 0; j < actual[i].length; j++) {
                double value = rows.get(i).get(j).asDouble();
                assertThat((double) actual[i][j])
                        .as("%s, text %d, dimension %d", what, i, j)
                        .isCloseTo(value, within(TOLERANCE * Math.max(1, Math.abs(value))));
            }
        }
    }

    @Test
    void oneTextHasTheEmbeddingThatItHasAmongOthers() throws IOException {
        for (var model : List.of("dense", "without-prompt-weightedmean", "poolings")) {
            try (var encoder = load(model, options -> options)) {
                var all = encoder.encodeQuery(texts());
                for (int i = 0; i < all.length; i++) {
                    assertThat(encoder.encodeQuery(texts().get(i)))
                            .containsExactly(all[i], within(2e-6f));
                }
                assertThat(encoder.encodeDocument("a"))
                        .isEqualTo(encoder.encodeDocument(List.of("a"))[0]);
            }
        }
    }

    @Test
    void aPromptThatTheModelDoesNotHaveIsAnsweredWithThoseThatItHas() {
        assertThatThrownBy(() -> load("prompts", options -> options.withPromptName("title")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("no prompt 'title'; this model has [document, empty, query, topic]");
    }

    @Test
    void moreDimensionsThanThereAreCannotBeKept() {
        assertThatThrownBy(() -> load("dense", options -> options.withTruncateDim(21)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("truncate_dim 21: the embeddings of this model have 20 dimensions");
    }
}
