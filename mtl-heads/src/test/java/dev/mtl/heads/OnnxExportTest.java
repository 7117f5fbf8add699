package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.export.OnnxExport;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.testing.TinyTokenizer;
import dev.mtl.core.weights.conversion.OnnxInitializers;
import dev.mtl.heads.classification.ClassificationProvider;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Models as ONNX files. That they compute what the model does is for ONNX Runtime to say:
 * benchmarks/peers/check_export.py.
 */
class OnnxExportTest {
    @TempDir Path folder;
    private ModelDirectory backbone = new ModelDirectory("none", Path.of(""), Path.of(""));
    private Path target = Path.of("");

    @BeforeEach
    void write() {
        backbone = TinyModel.write(folder.resolve("backbone"), 5, 0.1);
        target = folder.resolve("out");
    }

    private MultiTaskModel model() {
        return TinyTasks.create(backbone, Readout.MEAN);
    }

    private void export(MultiTaskModel model, String... heads) {
        OnnxExport.write(model, backbone, List.of(heads), target);
    }

    private static float[] floats(ByteBuffer bytes) {
        var buffer = bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        var values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    @Test
    void theWeightsAreOursAndMatricesAreTurned() throws IOException {
        try (var model = model()) {
            export(model, "slots", "intent", "stars");

            try (var onnx = OnnxInitializers.open(target.resolve("model.onnx"));
                    var _ = TensorScope.open()) {
                var weights = model.parameters();
                var names = onnx.tensors().keySet();
                for (var name : weights.names()) {
                    assertThat(names.contains(name)).as(name).isEqualTo(!name.contains("chain"));
                }
                for (var name :
                        List.of(
                                "embeddings.word_embeddings.weight",
                                "encoder.layer.1.attention.output.LayerNorm.weight",
                                "heads.slots.bias")) {
                    assertThat(floats(onnx.read(name))).isEqualTo(weights.get(name).toFloats());
                }
                for (var name :
                        List.of("encoder.layer.1.output.dense.weight", "heads.intent.weight")) {
                    var turned = weights.get(name).transpose(0, 1);
                    assertThat(onnx.info(name).shape()).isEqualTo(turned.shape());
                    assertThat(floats(onnx.read(name))).isEqualTo(turned.contiguous().toFloats());
                }
                assertThat(onnx.matMulWeights().values())
                        .contains(
                                "heads.slots.weight", "encoder.layer.0.intermediate.dense.weight");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "modernbert, Range Cos Sin Abs Erf",
        "nomic_bert, Range Cos Sin token_type_ids Sigmoid",
        "gte, Range Cos Sin token_type_ids Erf",
        "eurobert, Range Cos Sin Expand ReduceMean",
        "deberta-v3, distances Expand GatherElements Erf",
        "deberta-v2, distances token_type_ids GatherElements Conv"
    })
    void otherFamiliesHaveAllTheirWeights(String type, String names) throws IOException {
        var golden = Path.of("../mtl-core/src/test/resources/dev/mtl/core/bert/tiny-" + type);
        var files = Files.createDirectory(folder.resolve(type));
        for (var file : List.of("config.json", "model.safetensors")) {
            Files.copy(golden.resolve(file), files.resolve(file));
        }
        backbone = new ModelDirectory(type, files, TinyTokenizer.write(files));
        try (var model = model()) {
            export(model, "slots");

            try (var onnx = OnnxInitializers.open(target.resolve("model.onnx"))) {
                for (var spec : BertWeights.specs(model.backboneConfig())) {
                    assertThat(onnx.tensors()).containsKey(spec.name());
                }
            }
            assertThat(target.resolve("config.json"))
                    .content()
                    .contains("\"" + model.backboneConfig().modelType() + "\"");
        }
        var text = Files.readString(target.resolve("model.onnx"), StandardCharsets.ISO_8859_1);
        assertThat(text).contains(names.split(" ")).contains("logits_slots");
    }

    @Test
    void theFileNamesItsOutputsAndLabels() throws IOException {
        try (var model = model()) {
            export(model, "slots");
        }

        var text = Files.readString(target.resolve("model.onnx"), StandardCharsets.ISO_8859_1);
        assertThat(text)
                .contains("input_ids", "attention_mask", "token_type_ids", "batch", "sequence")
                .contains("last_hidden_state", "sentence_embedding", "logits_slots")
                .contains("labels_slots", "[\"O\",\"B-day\",\"I-day\",")
                .doesNotContain("logits_intent");
        assertThat(target.resolve("tokenizer.json")).exists();
        assertThat(target.resolve("config.json")).content().contains("BertModel");
    }

    @Test
    void everyReadoutHasItsOperators() throws IOException {
        for (var pooling : Pooling.values()) {
            for (var normalization : Normalization.values()) {
                target = folder.resolve(pooling + "-" + normalization);
                try (var model = TinyTasks.create(backbone, new Readout(pooling, normalization))) {
                    export(model);
                }
                var text =
                        Files.readString(target.resolve("model.onnx"), StandardCharsets.ISO_8859_1);
                assertThat(text.contains("ReduceSum"))
                        .isEqualTo(pooling != Pooling.CLS && pooling != Pooling.MAX);
                assertThat(text.contains("CumSum"))
                        .isEqualTo(pooling == Pooling.WEIGHTEDMEAN || pooling == Pooling.LASTTOKEN);
                assertThat(text.contains("ReduceMax")).isEqualTo(pooling == Pooling.MAX);
                assertThat(text.contains("ReduceL2")).isEqualTo(normalization == Normalization.L2);
            }
        }
    }

    @Test
    void theSameModelGivesTheSameFile() {
        try (var model = model()) {
            export(model, "slots");
            var first = target.resolve("model.onnx");
            target = folder.resolve("again");
            export(model, "slots");

            assertThat(target.resolve("model.onnx")).hasSameBinaryContentAs(first);
        }
    }

    @Test
    void aHeadThatIsNoLinearLayerIsRefused() {
        try (var model = model()) {
            assertThatThrownBy(() -> export(model, "chain"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("task 'chain'")
                    .hasMessageContaining("one linear layer");
        }
        assertThat(target).doesNotExist();
    }

    @Test
    void whatIsThereAlreadyIsNeverReplaced() throws IOException {
        Files.createDirectories(target);
        var file = Files.writeString(target.resolve("model.onnx"), "mine");
        try (var model = model()) {
            assertThatThrownBy(() -> export(model, "slots"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("exists already");
        }
        assertThat(file).hasContent("mine");
    }

    /** The file would name the logits of such a head by the wrong labels. */
    @Test
    void aHeadWithFewerLogitsThanLabelsIsRefused() {
        var task = TinyTasks.task("grade", new OrdinalProvider(), List.of("bad", "fair", "good"));
        try (var model = TinyTasks.create(backbone, Readout.MEAN, task)) {
            assertThatThrownBy(() -> export(model, "grade"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage(
                            "task 'grade': its head 'ordinal' has 2 logits for 3 labels; only a"
                                    + " head with a logit for each label can be exported");
            assertThat(target).doesNotExist();
        }
    }

    /** Has a logit for each step from one label to the next. */
    private record OrdinalProvider() implements HeadProvider<ClassificationProvider.Settings> {
        private static final ClassificationProvider CLASSES = new ClassificationProvider();

        @Override
        public String type() {
            return "ordinal";
        }

        @Override
        public ClassificationProvider.Settings defaults() {
            return CLASSES.defaults();
        }

        @Override
        public List<String> learnLabels(Iterable<Target> targets) {
            return CLASSES.learnLabels(targets);
        }

        @Override
        public TaskHead<?> create(ClassificationProvider.Settings settings, HeadContext context) {
            var steps = context.labels().subList(1, context.labels().size());
            return CLASSES.create(
                    settings, new HeadContext(context.task(), TinyModel.HIDDEN, steps));
        }
    }
}
