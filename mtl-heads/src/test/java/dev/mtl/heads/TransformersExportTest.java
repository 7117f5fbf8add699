package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.export.TransformersExport;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.heads.masked.MaskedLanguageModelProvider;
import dev.mtl.heads.regression.PairRegressionProvider;
import dev.mtl.heads.regression.RegressionProvider;
import dev.mtl.heads.regression.RegressionProvider.Loss;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Heads as the files of transformers. */
class TransformersExportTest {
    @TempDir Path folder;
    private ModelDirectory backbone = new ModelDirectory("none", Path.of(""), Path.of(""));
    private MultiTaskModel model = notYet();
    private Path target = Path.of("");

    @SuppressWarnings("NullAway") // set before each test
    private static MultiTaskModel notYet() {
        return null;
    }

    @BeforeEach
    void create() {
        backbone = TinyModel.write(folder.resolve("backbone"), 5, 0.1);
        model = TinyTasks.create(backbone, Readout.MEAN);
        target = folder.resolve("out");
    }

    @AfterEach
    void close() {
        model.close();
    }

    private void export(String task) {
        TransformersExport.write(model, backbone, task, target);
    }

    private JsonNode json(String file) throws IOException {
        return JsonMapper.builder().build().readTree(target.resolve(file).toFile());
    }

    @Test
    void theWeightsAreOursUnderTheNamesOfTheClass() throws IOException {
        export("slots");

        try (var reader = SafetensorsReader.open(target.resolve("model.safetensors"))) {
            var backboneNames =
                    BertWeights.specs(model.backboneConfig()).stream().map(s -> s.name()).toList();
            assertThat(reader.tensors()).hasSize(backboneNames.size() + 2);
            for (var name : backboneNames) {
                assertThat(floats(reader.read("bert." + name)))
                        .as(name)
                        .isEqualTo(model.parameters().get(name).toFloats());
            }
            for (var part : List.of("weight", "bias")) {
                assertThat(floats(reader.read("classifier." + part)))
                        .isEqualTo(model.parameters().get("heads.slots." + part).toFloats());
            }
            assertThat(reader.info("classifier.weight").shape())
                    .containsExactly(TinyTasks.TAGS.size(), TinyModel.HIDDEN);
        }
    }

    private static float[] floats(ByteBuffer bytes) {
        var buffer = bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        var values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    @Test
    void theConfigurationHasTheLabelsInTheOrderOfTheLogits() throws IOException {
        export("slots");

        var config = json("config.json");
        assertThat(config.at("/architectures/0").asText()).isEqualTo("BertForTokenClassification");
        assertThat(config.path("num_labels").asInt()).isEqualTo(TinyTasks.TAGS.size());
        assertThat(config.path("classifier_dropout").asDouble()).isEqualTo(0.1);
        assertThat(config.path("dtype").asText()).isEqualTo("float32");
        assertThat(config.path("hidden_size").asInt()).isEqualTo(TinyModel.HIDDEN);
        for (int i = 0; i < TinyTasks.TAGS.size(); i++) {
            var label = TinyTasks.TAGS.get(i);
            assertThat(config.path("id2label").path(String.valueOf(i)).asText()).isEqualTo(label);
            assertThat(config.path("label2id").path(label).asInt(-1)).isEqualTo(i);
        }
    }

    @Test
    void theTokenizerIsTheModelsAndCutsWhereTheModelDoes() throws IOException {
        export("slots");

        assertThat(target.resolve("tokenizer.json"))
                .hasSameBinaryContentAs(backbone.tokenizerJson());
        var config = json("tokenizer_config.json");
        assertThat(config.path("model_max_length").asInt()).isEqualTo(TinyTasks.MAX_LENGTH);
        assertThat(config.path("pad_token").asText()).isEqualTo("[PAD]");
    }

    @Test
    void whatTheTokenizersOwnConfigurationSaysIsKept() throws IOException {
        Files.writeString(
                backbone.path().resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"BertTokenizer\", \"model_max_length\": 512}");
        Files.writeString(backbone.path().resolve("vocab.txt"), "[PAD]\n");

        export("slots");

        assertThat(json("tokenizer_config.json").toString())
                .isEqualTo("{\"tokenizer_class\":\"BertTokenizer\",\"model_max_length\":24}");
        assertThat(target.resolve("vocab.txt")).hasContent("[PAD]");
    }

    /** A head, its class, and one of its tensors in files. */
    private static Stream<Arguments> otherHeads() {
        var masked = new MaskedLanguageModelProvider();
        var config = new HeadContext.Vocabulary(TinyTokenizer.VOCABULARY.size(), 32, 1e-12);
        var pooled = new RegressionProvider.Settings(0, Loss.MSE, 1, Pooler.TANH);
        return Stream.of(
                Arguments.of(
                        TinyTasks.task("own", "span-extraction", List.of()),
                        "BertForQuestionAnswering",
                        Map.of("qa_outputs.weight", "weight")),
                Arguments.of(
                        Task.create(
                                masked,
                                masked.defaults(),
                                new HeadContext("own", 32, 32, List.of(), config)),
                        "BertForMaskedLM",
                        Map.of(
                                "cls.predictions.transform.dense.weight", "transform.dense.weight",
                                "cls.predictions.bias", "decoder.bias")),
                Arguments.of(
                        Task.create("own", new PairRegressionProvider(), pooled, List.of("1"), 32),
                        "BertForSequenceClassification",
                        Map.of(
                                "bert.pooler.dense.weight", "pooler.dense.weight",
                                "classifier.weight", "weight")));
    }

    @ParameterizedTest
    @MethodSource("otherHeads")
    void answersMaskedTokensAndPooledHeadsHaveTheNamesOfTheirClasses(
            Task task, String architecture, Map<String, String> names) throws IOException {
        try (var other = TinyTasks.create(backbone, Readout.MEAN, task)) {
            TransformersExport.write(other, backbone, "own", target);

            assertThat(json("config.json").at("/architectures/0").asText()).isEqualTo(architecture);
            assertThat(json("tokenizer_config.json").path("model_input_names"))
                    .as("segments of two texts")
                    .extracting(JsonNode::asText)
                    .contains("token_type_ids");
            try (var reader = SafetensorsReader.open(target.resolve("model.safetensors"))) {
                for (var name : names.entrySet()) {
                    assertThat(floats(reader.read(name.getKey())))
                            .isEqualTo(
                                    other.parameters()
                                            .get("heads.own." + name.getValue())
                                            .toFloats());
                }
            }
        }
    }

    @Test
    void aPoolerOfAnotherActivationIsRefused() {
        var gelu = new RegressionProvider.Settings(0, Loss.MSE, 1, Pooler.GELU);
        var task = Task.create("own", new PairRegressionProvider(), gelu, List.of("1"), 32);
        try (var other = TinyTasks.create(backbone, Readout.MEAN, task)) {
            assertThatThrownBy(() -> TransformersExport.write(other, backbone, "own", target))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("another activation (tanh) than this head (GELU)");
        }
    }

    @Test
    void theBackboneCanBeReadBackFromTheExport() {
        export("slots");

        try (var owner = TensorScope.shared()) {
            var read =
                    BertWeights.load(
                            target.resolve("model.safetensors"),
                            BertConfig.read(target.resolve("config.json")),
                            Device.CPU,
                            owner);
            var name = "encoder.layer.1.output.dense.weight";
            assertThat(read.get(name).toFloats())
                    .isEqualTo(model.parameters().get(name).toFloats());
        }
    }

    @Test
    void aHeadOnTheSentenceEmbeddingIsRefusedWithTheReason() {
        assertThatThrownBy(() -> export("intent"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("task 'intent'")
                .hasMessageContaining("mean pooling, normalization none")
                .hasMessageContaining("BertForSequenceClassification")
                .hasMessageContaining("another vector");
        assertThat(target).doesNotExist();
    }

    @Test
    void aCrfIsRefusedAndItsParametersAreNamed() {
        assertThatThrownBy(() -> export("chain"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("task 'chain'")
                .hasMessageContaining("transitions")
                .hasMessageContaining("one linear layer");
        assertThat(target).doesNotExist();
    }

    @Test
    void aHeadThatDoesMoreThanItsLayerIsRefused() {
        var tasks = TinyTasks.task("slots", new SquashedProvider(), TinyTasks.TAGS);
        try (var squashed = TinyTasks.create(backbone, Readout.MEAN, tasks)) {
            assertThatThrownBy(() -> TransformersExport.write(squashed, backbone, "slots", target))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("its head 'squashed' is not one");
        }
    }

    @Test
    void anUnknownHeadIsAnsweredWithThoseThereAre() {
        assertThatThrownBy(() -> export("slot"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "no head 'slot'; this model has [intent, slots, chain, stars]");
    }

    @Test
    void whatIsThereAlreadyIsNeverReplaced() throws IOException {
        Files.createDirectories(target);
        export("slots"); // empty: nothing to lose
        var before = Files.readAllBytes(target.resolve("config.json"));

        assertThatThrownBy(() -> export("slots"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(target + " exists already; name a new or empty directory");
        assertThat(target.resolve("config.json")).hasBinaryContent(before);

        target = Files.writeString(folder.resolve("file"), "mine");
        assertThatThrownBy(() -> export("slots")).hasMessageContaining("exists already");
        assertThat(target).hasContent("mine");
    }
}
