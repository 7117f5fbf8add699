package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.modules.Dense;
import dev.mtl.core.pooling.modules.Dense.Activation;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** Training on a backbone with prompts and a layer after pooling. */
class SentenceLayersTest {
    private static final String PROMPTS =
            "{\"prompts\": {\"query\": \"for \"}, \"default_prompt_name\": \"query\"}";
    private static final String WEIGHTS = "2_Dense/model.safetensors";

    @TempDir static Path folder;
    private static Path config = Path.of("");
    private static Path backbone = Path.of("");
    private static Path model = Path.of("");

    @BeforeAll
    static void train() throws IOException {
        model = folder.resolve("runs/model");
        config = ToyTask.write(folder, "epochs: 1", model);
        backbone = folder.resolve("backbone");
        var readout =
                new Readout(
                        List.of(Pooling.CLS),
                        true,
                        List.of(new Dense(TinyModel.HIDDEN, 12, true, Activation.TANH, false)),
                        Normalization.NONE);
        try (var _ = TensorScope.open();
                var _ = RandomStream.open(3)) {
            var weights = new LinkedHashMap<String, Tensor>();
            for (var spec : readout.specs()) {
                weights.put(spec.name(), spec.initializer().make(spec.shape()));
            }
            SentenceModules.write(backbone, readout, new Parameters(weights), TinyModel.HIDDEN, 32);
        }
        Files.writeString(backbone.resolve("config_sentence_transformers.json"), PROMPTS);
        assertSuccess(Call.mtl(folder, "train", config.toString()));
    }

    private static Call assertSuccess(Call call) {
        assertThat(call.code()).as(call.err()).isZero();
        return call;
    }

    private static String embed(String... options) {
        var args = new ArrayList<>(List.of("embed", "--model", model.toString()));
        args.addAll(List.of(options));
        args.add("the song");
        return assertSuccess(Call.mtl(folder, args.toArray(String[]::new))).out();
    }

    /** Trains with keys of the configuration changed; returns the model's directory. */
    private static Path train(String output, String... changes) {
        var target = folder.resolve(output);
        var args =
                new ArrayList<>(List.of("train", config.toString(), "--output", target.toString()));
        for (var change : changes) {
            args.addAll(List.of("--set", change));
        }
        assertSuccess(Call.mtl(folder, args.toArray(String[]::new)));
        return target;
    }

    @Test
    void theLayerIsTrainedAndSavedWithThePrompts() throws IOException {
        assertThat(Files.readAllBytes(model.resolve(WEIGHTS)))
                .isNotEqualTo(Files.readAllBytes(backbone.resolve(WEIGHTS)));
        assertThat(model.resolve("config_sentence_transformers.json")).hasContent(PROMPTS);
        assertThat(embed().split(" ")).hasSize(12);
        assertThat(embed()).isNotEqualTo(embed("--prompt", ""));
        assertThat(embed()).isEqualTo(embed("--prompt-name", "query"));
    }

    @Test
    void theLayerIsFrozenWithTheBackbone() throws IOException {
        var other = train("runs/frozen", "training.freezing={policy: backbone}");

        assertThat(other.resolve(WEIGHTS)).hasSameBinaryContentAs(backbone.resolve(WEIGHTS));
    }

    @Test
    void headsReadTextsWithThePromptAndTheDimensionsOfTheConfiguration() throws IOException {
        var other = train("runs/prompted", "model.prompt=query", "model.truncate_dim=5");

        var json = Files.readString(other.resolve("config_sentence_transformers.json"));
        assertThat(json).contains("\"default_prompt_name\" : \"query\"", "\"truncate_dim\" : 5");
        var weights = other.resolve("heads/intent/head.safetensors");
        try (var head = SafetensorsReader.open(weights)) {
            assertThat(head.info("weight").shape()).containsExactly(2, 5);
        }
        var slots =
                assertSuccess(
                        Call.mtl(
                                folder,
                                "predict",
                                "--model",
                                other.toString(),
                                "--format",
                                "json",
                                "book the red room"));
        for (var entity : slots.json().getFirst().at("/tasks/slots/entities")) {
            assertThat(
                            "book the red room"
                                    .substring(
                                            entity.path("start").asInt(),
                                            entity.path("end").asInt()))
                    .isEqualTo(entity.path("text").asText());
        }
    }

    @Test
    void aPromptThatTheBackboneDoesNotHaveIsRefused() {
        for (var command : List.of("train --overwrite", "data check")) {
            var args = new ArrayList<>(List.of(command.split(" ")));
            args.addAll(List.of(config.toString(), "--set", "model.prompt=topic"));
            var call = Call.mtl(folder, args.toArray(String[]::new));

            assertThat(call.code()).as(command).isEqualTo(2);
            assertThat(call.err()).contains("no prompt 'topic'; this model has [document, query]");
        }
    }

    @Test
    void theTrainedModelPredicts() {
        var call =
                assertSuccess(
                        Call.mtl(
                                folder,
                                "predict",
                                "--model",
                                model.toString(),
                                "--format",
                                "json",
                                "play the red song"));

        assertThat(call.json().getFirst().at("/tasks/intent/label").asText()).isNotEmpty();
    }

    @Test
    void thePlanNamesTheLayer() {
        assertThat(assertSuccess(Call.mtl(folder, "train", config.toString(), "--plan")).out())
                .contains("readout");
    }

    @Test
    void anotherPoolingThanTheLayersIsRefused() {
        var call =
                Call.mtl(
                        folder, "train", config.toString(), "--set", "model.pooling=max", "--plan");

        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("model.pooling: max: the backbone has cls pooling, dense");
    }
}
