package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.nn.io.ParameterReader;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** What is frozen stays as it is, and what joins later begins anew. */
class FrozenTrainingTest extends TinyRuns {
    @Test
    void fullFreezingTrainsNothingAndSaysSo() {
        var trained = train(config(12, ", freezing: {policy: full}"), 2, new Recorder());
        checkChanges(trained, name -> false);
        assertThat(trained.heard().steps).isEmpty();
        assertThat(trained.heard().notes)
                .containsExactly("nothing to train: training.freezing.policy is full");
        assertThat(trained.heard().evaluations).hasSize(1);
        assertThat(trained.saves()).isEqualTo(1);
    }

    @Test
    void gradualLayersJoinOneAfterTheOther() {
        var recorder = new Recorder();
        var trained =
                train(config(12, ", freezing: {layers: {frozen: 1, gradual: 2}}"), 2, recorder);
        assertThat(recorder.notes).containsExactly("step 7: layer 2 joins");
        checkChanges(
                trained, name -> name.startsWith("heads.") || name.startsWith("encoder.layer.1."));
    }

    @Test
    void whatIsFrozenHasNoOptimizerState() {
        var model = new ArrayList<List<String>>();
        train(
                config(
                        4,
                        ", freezing: {layers: {frozen: 1, always: 2}}, checkpoint_every: 4 steps"),
                2,
                new Recorder() {
                    @Override
                    public void onCheckpoint(int step, Path path) {
                        try (var reader =
                                SafetensorsReader.open(path.resolve("optimizer.safetensors"))) {
                            model.add(List.copyOf(reader.tensors().keySet()));
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }
                });
        assertThat(model).hasSize(1);
        assertThat(model.getFirst())
                .anyMatch(name -> name.startsWith("first.encoder.layer.1."))
                .anyMatch(name -> name.startsWith("step.heads.side."))
                .noneMatch(name -> name.contains("encoder.layer.0."))
                .noneMatch(name -> name.contains("embeddings."));
    }

    @Test
    void aLayerThatJoinsHasFreshOptimizerStateAndTheCurrentRate() {
        var updates = new LinkedHashMap<String, Float>();
        var trained =
                train(
                        config(
                                12,
                                ", freezing: {layers: {frozen: 1, gradual: 2}}, checkpoint_every:"
                                        + " 12 steps"),
                        2,
                        new Recorder() {
                            @Override
                            public void onCheckpoint(int step, Path path) {
                                try (var reader =
                                                SafetensorsReader.open(
                                                        path.resolve("optimizer.safetensors"));
                                        var _ = TensorScope.open()) {
                                    for (var name :
                                            List.of(
                                                    "encoder.layer.1.output.dense.bias",
                                                    "heads.side.bias")) {
                                        var count =
                                                ParameterReader.read(
                                                        reader, "step." + name, new long[0]);
                                        updates.put(name, (float) count.item());
                                    }
                                } catch (IOException e) {
                                    throw new java.io.UncheckedIOException(e);
                                }
                            }
                        });
        assertThat(updates)
                .containsEntry("encoder.layer.1.output.dense.bias", 6f)
                .containsEntry("heads.side.bias", 12f);
        for (var step : trained.heard().steps.subList(6, 12)) {
            assertThat(step.learningRates().get("layer 2"))
                    .isCloseTo(
                            0.95 * step.learningRates().get("head side"),
                            org.assertj.core.api.Assertions.within(1e-15));
        }
    }

    @Test
    void onlyWhatTrainsHasALearningRate() {
        var gradual =
                train(
                                config(12, ", freezing: {layers: {frozen: 1, gradual: 2}}"),
                                2,
                                new Recorder())
                        .heard()
                        .steps;
        assertThat(gradual.get(5).learningRates()).containsOnlyKeys("head side", "head words");
        assertThat(gradual.get(6).learningRates())
                .containsOnlyKeys("layer 2", "head side", "head words");
        var heads = train(config(1, ", freezing: {heads: [side]}"), 2, new Recorder());
        assertThat(heads.heard().steps.getFirst().learningRates())
                .containsOnlyKeys("embeddings", "layer 1", "layer 2", "head words");
    }

    @Test
    void featuresThatAreKeptTrainTheHeadsAsThoseComputedEachTime() {
        var kept = train(config(12, ", freezing: {policy: backbone}"), 2, new Recorder());
        // a dropout of 0 in frozen layers computes the same features anew in each step
        dropout = 0;
        var keptWithout = train(config(12, ", freezing: {policy: backbone}"), 2, new Recorder());
        var anew =
                train(
                        config(12, ", freezing: {policy: backbone, frozen_dropout: true}"),
                        2,
                        new Recorder());
        assertThat(kept.heard().notes).hasSize(1);
        assertThat(kept.heard().notes.getFirst()).contains("features of 64 texts");
        assertThat(anew.heard().notes).isEmpty();
        for (var name : List.of("heads.side.weight", "heads.words.weight")) {
            assertThat(keptWithout.after().get(name))
                    .usingComparatorWithPrecision(1e-4f)
                    .containsExactly(anew.after().get(name));
        }
    }

    @Test
    void aFrozenBackboneStaysBitForBit() {
        var trained = train(config(12, ", freezing: {policy: backbone}"), 2, new Recorder());
        checkChanges(trained, name -> name.startsWith("heads."));
    }

    @Test
    void aFrozenHeadStaysBitForBit() {
        var trained = train(config(12, ", freezing: {heads: [words]}"), 2, new Recorder());
        checkChanges(trained, name -> !name.startsWith("heads.words."));
    }
}
