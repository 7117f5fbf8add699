package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.export.OnnxExport;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.modules.Dense;
import dev.mtl.core.pooling.modules.Dense.Activation;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.transformer.LayerOutputs;
import dev.mtl.core.weights.conversion.OnnxInitializers;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Heads on backbones with layers between pooling and normalization. */
@ExtendWith(LeavesNoTensorBehind.class)
class SentenceLayersTest {
    private static final int SENTENCE = 20;
    private static final String PROMPTS =
            "{\"prompts\": {\"topic\": \"is for \"}, \"default_prompt_name\": \"topic\"}";
    private static final List<String> TEXTS =
            List.of("play the blue room for monday", "what is the weather in paris?", "");

    @TempDir Path folder;
    private ModelDirectory backbone = new ModelDirectory("none", Path.of(""), Path.of(""));

    @BeforeEach
    void writeBackbone() throws IOException {
        backbone = TinyModel.write(folder.resolve("backbone"), 5, 0.1);
        var readout =
                new Readout(
                        List.of(Pooling.MEAN, Pooling.LASTTOKEN),
                        true,
                        List.of(
                                new Dense(64, SENTENCE, true, Activation.TANH, false),
                                new Dense(SENTENCE, SENTENCE, true, Activation.IDENTITY, true)),
                        Normalization.L2);
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(3)) {
            var weights = new LinkedHashMap<String, Tensor>();
            for (var spec : readout.specs()) {
                weights.put(spec.name(), spec.initializer().make(spec.shape()));
            }
            SentenceModules.write(
                    backbone.path(), readout, new Parameters(weights), TinyModel.HIDDEN, 24);
        }
        Files.writeString(backbone.path().resolve(SentenceConfig.FILE), PROMPTS);
    }

    private MultiTaskModel create() {
        var readout = SentenceModules.readout(backbone.path());
        return TinyTasks.create(
                backbone,
                readout,
                task("intent", "classification", List.of("Book", "Play")),
                task("slots", "token-classification", TinyTasks.TAGS));
    }

    private static Task task(String name, String type, List<String> labels) {
        var provider = TinyTasks.HEADS.provider(type);
        return Task.create(name, provider, provider.defaults(), labels, TinyModel.HIDDEN, SENTENCE);
    }

    private Path save() {
        var saved = folder.resolve("saved");
        try (var model = create()) {
            ModelWriter.save(model, backbone, saved, Map.of());
        }
        return saved;
    }

    private static float[][] encode(Path directory, String prompt) {
        try (var encoder =
                SentenceEncoder.load(
                        directory.toString(), EncoderOptions.defaults().withPrompt(prompt))) {
            return encoder.encode(TEXTS);
        }
    }

    @Test
    void whatIsSavedHasTheEmbeddingsAndThePromptsOfTheBackbone() throws IOException {
        var saved = save();

        for (var prompt : new String[] {null, ""}) {
            assertThat(encode(saved, prompt)).isDeepEqualTo(encode(backbone.path(), prompt));
        }
        assertThat(encode(saved, "")[0]).hasSize(SENTENCE).isNotEqualTo(encode(saved, null)[0]);
        assertThat(saved.resolve(SentenceConfig.FILE)).hasContent(PROMPTS);
        assertThat(saved.resolve("README.md"))
                .content()
                .contains("mean + lasttoken pooling, dense 64 to 20, dense 20 to 20")
                .contains(
                        "logits = SentenceTransformer(\"saved\").encode([\"a text\"],"
                                + " prompt=\"\")");
    }

    @Test
    void sentenceHeadsReadTheEmbeddingsThatTheEncoderGives() {
        var saved = save();
        var embeddings = encode(saved, "");
        try (var model =
                        ModelFiles.loadForInference(
                                saved, TinyTasks.HEADS, Device.CPU, Precision.FP32);
                var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var texts = TEXTS.stream().map(PreTokenizedText::of).toList();
            var batch = model.batch(model.tokenizer().tokenize(texts));
            var tasks = List.of("intent");
            var logits =
                    model.heads(
                            model.parameters(),
                            model.encode(
                                    batch,
                                    tasks,
                                    (tokens, layers) ->
                                            LayerOutputs.of(model.encoder().forward(tokens))),
                            batch,
                            Mode.EVALUATION,
                            tasks);
            var rows = Objects.requireNonNull(logits.get("intent")).toFloatRows();
            var head = model.parameters().in("heads.intent");
            var weight = head.get("weight").toFloatRows();
            var bias = head.get("bias").toFloats();
            for (int text = 0; text < rows.length; text++) {
                for (int label = 0; label < bias.length; label++) {
                    double sum = bias[label];
                    for (int i = 0; i < SENTENCE; i++) {
                        sum += (double) weight[label][i] * embeddings[text][i];
                    }
                    assertThat((double) rows[text][label]).isCloseTo(sum, within(1e-6));
                }
            }
        }
    }

    @Test
    void layersAreExportedToOnnx() throws IOException {
        var saved = save();
        var target = folder.resolve("onnx");
        try (var model = ModelFiles.load(saved, TinyTasks.HEADS, Device.CPU)) {
            var source = ModelFiles.files(saved);
            OnnxExport.write(model, source, List.of("intent", "slots"), target);
        }
        try (var onnx = OnnxInitializers.open(target.resolve(OnnxExport.FILE))) {
            assertThat(onnx.info("readout.0.linear.weight").shape()).containsExactly(64, SENTENCE);
            assertThat(onnx.matMulWeights().values()).contains("readout.1.linear.weight");
        }
        assertThat(target.resolve(SentenceConfig.FILE)).hasContent(PROMPTS);
    }
}
