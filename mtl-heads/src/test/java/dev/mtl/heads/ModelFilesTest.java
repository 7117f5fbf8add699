package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.model.answer.Predictor;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.nn.io.ParameterWriter;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/** Models with both heads, as directories. */
class ModelFilesTest {
    private static final HeadRegistry HEADS = HeadRegistry.load();
    private static final List<String> TEXTS =
            List.of(
                    "play the blue room \uD83D\uDE00 for monday",
                    "what is the weather in paris?",
                    "");

    @TempDir Path folder;
    private ModelDirectory backbone = new ModelDirectory("none", Path.of(""), Path.of(""));
    private Path saved = Path.of("");

    @BeforeEach
    void writeBackbone() {
        backbone = TinyModel.write(folder.resolve("backbone"), 5, 0.1);
        saved = folder.resolve("saved");
    }

    private MultiTaskModel create(Readout readout) {
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put("intent", task("intent", "classification", "Book", "Play", "ask \"it\""));
        tasks.put("slots", task("slots", "token-classification", "O", "B-day", "I-day"));
        try (var _ = RandomStream.open(9)) {
            return ModelFiles.create(backbone, readout, 24, tasks, Device.CPU);
        }
    }

    private static Task task(String name, String type, String... labels) {
        var provider = HEADS.provider(type);
        return Task.create(name, provider, provider.defaults(), List.of(labels), TinyModel.HIDDEN);
    }

    private MultiTaskModel create() {
        return create(new Readout(Pooling.CLS, Normalization.L2));
    }

    private MultiTaskModel load() {
        return ModelFiles.load(saved, HEADS, Device.CPU);
    }

    private void save() {
        try (var model = create()) {
            ModelWriter.save(model, backbone, saved, Map.of("config.yaml", "seed: 1\n"));
        }
    }

    private static List<SequencedMap<String, Prediction>> predict(MultiTaskModel model) {
        try (var predictor = new Predictor(model)) {
            return predictor.predict(TEXTS);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FP32", "INT8"})
    void aModelLoadedForInferencePredictsWithoutTheBackbonesParameters(Precision precision) {
        save();
        try (var exact = load();
                var packed = ModelFiles.loadForInference(saved, HEADS, Device.CPU, precision)) {
            assertThat(packed.parameters().names())
                    .isNotEmpty()
                    .allMatch(name -> name.startsWith("heads."));
            var expected = scores(exact);
            var scores = scores(packed);
            double tolerance = precision == Precision.FP32 ? 1e-6 : 0.05;
            for (int i = 0; i < expected.length; i++) {
                assertThat(scores[i]).isCloseTo(expected[i], within(tolerance));
            }
        }
    }

    /** The score of each text's intent. */
    private static double[] scores(MultiTaskModel model) {
        return predict(model).stream()
                .map(tasks -> Objects.requireNonNull(tasks.get("intent")).toJson().get("score"))
                .mapToDouble(score -> ((Number) Objects.requireNonNull(score)).doubleValue())
                .toArray();
    }

    @Test
    void whatIsLoadedIsWhatWasSaved() {
        try (var model = create()) {
            ModelWriter.save(model, backbone, saved, Map.of("config.yaml", "seed: 1\n"));
            try (var loaded = load();
                    var _ = TensorScope.open()) {
                assertThat(loaded.readout()).isEqualTo(model.readout());
                assertThat(loaded.maxLength()).isEqualTo(24);
                assertThat(loaded.tasks().keySet()).containsExactly("intent", "slots");
                assertThat(loaded.task("intent").labels())
                        .containsExactly("Book", "Play", "ask \"it\"");
                assertThat(loaded.task("intent").settings())
                        .isEqualTo(model.task("intent").settings());
                assertThat(loaded.parameters().names())
                        .containsExactlyElementsOf(model.parameters().names());
                for (var name : model.parameters().names()) {
                    assertThat(bits(loaded, name)).as(name).isEqualTo(bits(model, name));
                }
                assertThat(predict(loaded)).isEqualTo(predict(model));
            }
        }
        assertThat(saved.resolve("config.yaml")).hasContent("seed: 1\n");
    }

    private static int[] bits(MultiTaskModel model, String name) {
        var values = model.parameters().get(name).toFloats();
        var bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    @Test
    void loadingAndClosingLeavesNoTensor() {
        save();
        long before = Tensor.liveCount();

        try (var loaded = load()) {
            predict(loaded);
        }

        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void everyReadoutIsKept() {
        for (var pooling : Pooling.values()) {
            for (var normalization : Normalization.values()) {
                var readout = new Readout(pooling, normalization);
                try (var model = create(readout)) {
                    ModelWriter.save(model, backbone, saved, Map.of());
                }
                try (var loaded = load()) {
                    assertThat(loaded.readout()).isEqualTo(readout);
                }
            }
        }
    }

    @Test
    void aSaveThatFailsLeavesTheOldModelUsable() {
        save();
        try (var model = create()) {
            assertThatThrownBy(
                            () ->
                                    ModelWriter.save(
                                            model,
                                            backbone,
                                            saved,
                                            Map.of("no/such/place.yaml", "text")))
                    .isInstanceOf(MtlException.class)
                    .hasMessageContaining(saved + ": cannot be written");
            try (var loaded = load()) {
                assertThat(predict(loaded)).isEqualTo(predict(model));
            }
        }
        assertThat(saved.resolveSibling("saved.writing")).doesNotExist();
    }

    @Test
    void aDirectoryOfOtherThingsIsNotReplaced() throws IOException {
        Files.createDirectories(saved);
        var other = Files.writeString(saved.resolve("thesis.tex"), "years of work");

        assertThatThrownBy(this::save)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(saved + " exists already and is not a trained model");

        assertThat(other).hasContent("years of work");
    }

    @Test
    void anEmptyDirectoryIsReplaced() throws IOException {
        Files.createDirectories(saved);

        save();

        assertThat(saved.resolve("mtl.json")).exists();
    }

    @Test
    void aHeadTypeThatIsMissingIsNamed() throws IOException {
        save();
        edit("heads/slots/head.json", "\"token-classification\"", "\"ranking\"");

        assertThatThrownBy(this::load)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("task 'slots' needs the head 'ranking'")
                .hasMessageContaining(
                        "[classification, contrastive, distillation, masked-language-model,"
                            + " multi-label-classification, pair-classification, pair-regression,"
                            + " regression, relation, similarity, span-extraction, tagging,"
                            + " token-classification]")
                .hasMessageContaining("--plugins");
    }

    @Test
    void aDirectoryWithoutTasksIsNoTrainedModel() {
        assertThatThrownBy(() -> ModelFiles.load(backbone.path(), HEADS, Device.CPU))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("is not a trained model: it has no mtl.json");
    }

    @Test
    void aFormatOfTheFutureIsRefused() throws IOException {
        save();
        edit("mtl.json", "\"format\" : 2", "\"format\" : 99");

        assertThatThrownBy(this::load).hasMessageContaining("format 99, this version reads 1 to 2");
    }

    @Test
    void aModelOfFormat1IsReadAsItWas() throws IOException {
        save();
        var json = JsonMapper.builder().build();
        var tasks = saved.resolve("mtl.json");
        var old = (ObjectNode) json.readTree(tasks.toFile());
        var entries = json.createArrayNode();
        var weights = new LinkedHashMap<String, Tensor>();
        try (var model = create()) {
            for (var name : model.tasks().keySet()) {
                var folder = saved.resolve("heads").resolve(name);
                var entry = (ObjectNode) json.readTree(folder.resolve("head.json").toFile());
                entries.add(entry.put("name", name));
                for (var spec : model.task(name).specs()) {
                    weights.put(spec.name(), model.parameters().get(spec.name()));
                }
                AtomicDirectory.delete(folder);
            }
            ParameterWriter.write(saved.resolve("heads.safetensors"), weights);
            old.put("format", 1).set("tasks", entries);
            json.writeValue(tasks.toFile(), old);

            try (var loaded = load()) {
                assertThat(predict(loaded)).isEqualTo(predict(model));
            }
        }
    }

    @Test
    void theBackboneNamesTheTypeThatItsWeightsHave() throws IOException {
        var config = backbone.config();
        Files.writeString(
                config, Files.readString(config).replace("{", "{\"torch_dtype\": \"float16\", "));

        save();

        assertThat(saved.resolve("config.json"))
                .content()
                .contains("\"dtype\" : \"float32\"", "\"BertModel\"")
                .doesNotContain("float16");
    }

    @Test
    void settingsThatAHeadDoesNotHaveAreNamed() throws IOException {
        save();
        edit("heads/intent/head.json", "\"dropout\"", "\"dripout\"");

        assertThatThrownBy(this::load)
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("task 'intent'")
                .hasMessageContaining("dripout");
    }

    @Test
    void aHeadsFileThatIsMissingOrShortIsNamed() throws IOException {
        save();
        var file = saved.resolve("heads/intent/head.safetensors");
        var bytes = Files.readAllBytes(file);
        long before = Tensor.liveCount();

        Files.write(file, Arrays.copyOf(bytes, bytes.length - 8));
        assertThatThrownBy(this::load)
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("heads/intent/head.safetensors");

        Files.delete(file);
        assertThatThrownBy(this::load)
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("heads/intent/head.safetensors");

        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void labelsThatDoNotFitTheWeightsAreAnErrorWithBothShapes() throws IOException {
        save();
        edit("heads/intent/head.json", "\"Book\", ", "");

        assertThatThrownBy(this::load)
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("heads/intent/head.safetensors")
                .hasMessageContaining("[3, 32], the model needs [2, 32]");
    }

    private void edit(String file, String from, String to) throws IOException {
        var path = saved.resolve(file);
        var text = Files.readString(path);
        assertThat(text).contains(from);
        Files.writeString(path, text.replace(from, to));
    }
}
