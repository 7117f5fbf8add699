package dev.mtl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.answer.Predictor;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Device;
import dev.mtl.train.settings.AdapterSettings;
import dev.mtl.train.settings.FreezingSettings;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Models that were trained by adapters, in their directories. */
class AdapterFilesTest extends JavaTraining {
    private static final List<String> TEXTS =
            List.of("book the blue room", "what is the queen for");

    private TrainingConfiguration lora(String output, Consumer<AdapterSettings> more) {
        var file = folder.resolve("train.jsonl");
        try {
            file("train.jsonl", examples(20));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return configuration(
                output,
                data -> data.train(file).validation(file),
                training ->
                        training.adapter(
                                adapter -> {
                                    adapter.type(AdapterSettings.Type.LORA)
                                            .rank(4)
                                            .targets("query", "dense");
                                    more.accept(adapter);
                                }));
    }

    private float[][] embeddings(Path directory) {
        var model = new ModelDirectory("", directory, directory.resolve("tokenizer.json"));
        try (var encoder = SentenceEncoder.load(model, EncoderOptions.defaults())) {
            return encoder.encode(TEXTS);
        }
    }

    private static void checkClose(float[][] actual, float[][] expected) {
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                assertThat(actual[i][j]).isCloseTo(expected[i][j], within(1e-5f));
            }
        }
    }

    @Test
    void aMergedModelIsAnOrdinaryOne() throws IOException {
        var merged = train(lora("merged", adapter -> {}));
        assertThat(merged.model().resolve("adapter")).doesNotExist();
        assertThat(weights(merged).get("model.safetensors"))
                .isNotEqualTo(Files.readAllBytes(backbone.path().resolve("model.safetensors")));
    }

    @Test
    void aKeptAdapterGivesWhatTheMergedModelGives() throws IOException {
        var merged = train(lora("merged", adapter -> {}));
        var kept = train(lora("kept", adapter -> adapter.merge(false)));

        assertThat(kept.scores()).isEqualTo(merged.scores());
        assertThat(kept.model().resolve("adapter/adapter_config.json")).exists();
        assertThat(Files.readAllBytes(kept.model().resolve("model.safetensors")))
                .isEqualTo(Files.readAllBytes(backbone.path().resolve("model.safetensors")));
        checkClose(embeddings(kept.model()), embeddings(merged.model()));
    }

    @Test
    void trainingGoesOnFromFilesOfPeft() throws IOException {
        var first = train(lora("first", adapter -> adapter.merge(false)));
        var second =
                train(
                        lora(
                                "second",
                                adapter ->
                                        adapter.merge(false)
                                                .initFrom(first.model().resolve("adapter"))));

        assertThat(Files.readAllBytes(second.model().resolve("adapter/adapter_model.safetensors")))
                .isNotEqualTo(
                        Files.readAllBytes(
                                first.model().resolve("adapter/adapter_model.safetensors")));
        assertThat(second.steps()).isEqualTo(STEPS);
    }

    @Test
    void adaptersOfTasksAreSwitchedOnOneBackbone() {
        var configuration = lora("tasks", adapter -> adapter.perTask(true));
        var directory = train(configuration).model();
        assertThat(directory.resolve("adapters/side/adapter_model.safetensors")).exists();
        assertThat(directory.resolve("adapters/words/adapter_model.safetensors")).exists();
        try (var packed =
                        ModelFiles.loadForInference(
                                directory, configuration.heads(), Device.CPU, Precision.FP32);
                var trainable = ModelFiles.load(directory, configuration.heads(), Device.CPU);
                var one = new Predictor(packed);
                var other = new Predictor(trainable)) {
            assertThat(packed.encoders().ofTasks()).containsOnlyKeys("side", "words");
            assertThat(one.predict(TEXTS).toString()).isEqualTo(other.predict(TEXTS).toString());
        }
    }

    @Test
    void anAdapterOfEachTaskCannotBeMerged() {
        assertThatThrownBy(() -> lora("tasks", adapter -> adapter.perTask(true).merge(true)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("training.adapter: merge is true, but per_task");
    }

    @Test
    void keysOfAnAdapterNeedItsType() {
        assertThatThrownBy(() -> lora("none", adapter -> adapter.type(AdapterSettings.Type.NONE)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("set training.adapter.type: lora");
    }

    @Test
    void aFrozenBackboneAndAdaptersExcludeEachOther() {
        assertThatThrownBy(
                        () ->
                                configuration(
                                        "both",
                                        data -> data.train(folder.resolve("train.jsonl")),
                                        training ->
                                                training.adapter(
                                                                a ->
                                                                        a.type(
                                                                                AdapterSettings.Type
                                                                                        .LORA))
                                                        .freezing(
                                                                f ->
                                                                        f.policy(
                                                                                FreezingSettings
                                                                                        .Policy
                                                                                        .BACKBONE))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("adapter trains in place of the backbone");
    }

    @Test
    void aLayerThatTheBackboneLacksIsAnsweredWithItsLayers() {
        var configuration = lora("other", adapter -> adapter.targets("q_proj"));
        assertThatThrownBy(() -> train(configuration))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("training.adapter: targets has 'q_proj'")
                .hasMessageContaining("query");
    }
}
