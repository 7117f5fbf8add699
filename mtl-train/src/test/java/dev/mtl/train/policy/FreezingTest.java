package dev.mtl.train.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.train.config.TestConfigs;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreezingTest {
    private static final String DESIGN =
            "policy: layers, layers: {frozen: 1-4, gradual: 5-8, always: 9-12}";

    private static Freezing of(String yaml, int layers, int steps) {
        return Freezing.of(TestConfigs.freezing("{" + yaml + "}"), layers, steps, 10);
    }

    @Test
    void theDesignsPlanUnfreezesFromTheTopEvenlyOverTraining() {
        var freezing = of(DESIGN, 12, 100);
        assertThat(freezing.stages().stream().map(Freezing.Stage::fromStep))
                .containsExactly(0, 20, 40, 60, 80);
        assertThat(freezing.stages().stream().map(stage -> stage.frozen().layers()))
                .containsExactly(8, 7, 6, 5, 4);
        var first = freezing.at(19);
        assertThat(first.trains("encoder.layer.8.output.dense.weight")).as("layer 9").isTrue();
        assertThat(first.trains("encoder.layer.7.output.dense.weight")).as("layer 8").isFalse();
        assertThat(first.trains("heads.intent.weight")).isTrue();
        assertThat(freezing.at(20).trains("encoder.layer.7.output.dense.weight")).isTrue();
        var last = freezing.at(99);
        assertThat(last.trains("encoder.layer.4.output.dense.weight")).as("layer 5").isTrue();
        assertThat(last.trains("encoder.layer.3.output.dense.weight")).as("layer 4").isFalse();
        assertThat(last.trains("embeddings.word_embeddings.weight")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1 epoch, 10", "2 epochs, 20", "7 steps, 7"})
    void layersJoinEverySoOften(String every, int steps) {
        var freezing = of(DESIGN + ", unfreeze_every: " + every, 12, 100);
        assertThat(freezing.stages().stream().map(Freezing.Stage::fromStep))
                .containsExactly(0, steps, 2 * steps, 3 * steps, 4 * steps);
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999 steps", "999999999 epochs"})
    void layersThatWouldJoinAfterTheEndOfTimeNeverDo(String every) {
        var freezing = of(DESIGN + ", unfreeze_every: " + every, 12, 100);
        assertThat(freezing.stages().stream().map(Freezing.Stage::fromStep))
                .isSorted()
                .startsWith(0)
                .endsWith(Integer.MAX_VALUE);
        assertThat(freezing.at(99)).isEqualTo(freezing.at(0));
    }

    @Test
    void theEmbeddingsTrainWithLayerOneIfNothingIsFrozenForGood() {
        var freezing = of("layers: {gradual: 1-2}", 2, 30);
        assertThat(freezing.at(0).frozen()).isEqualTo(new Frozen(true, 2, false));
        assertThat(freezing.at(10).frozen()).isEqualTo(new Frozen(true, 1, false));
        assertThat(freezing.at(20).frozen()).isEqualTo(Frozen.NOTHING);
        assertThat(freezing.at(20).trains("embeddings.word_embeddings.weight")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "frozen: 1-4, gradual: 5-8, always: 9-12 | there is no layer 12",
                "frozen: 1-2, gradual: 3-4 | layer 5 is left out",
                "frozen: 1-2, always: 4-6 | layer 3 is left out",
                "frozen: 1-4, always: 4-6 | layer 4 is named twice",
                "always: 2-6 | layer 1 is left out"
            })
    void rangesThatAreNotTheModelsAreAnError(String layers, String problem) {
        assertThatThrownBy(() -> of("layers: {" + layers + "}", 6, 10))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(
                        "training.freezing.layers: the model has the layers 1-6, and")
                .hasMessageEndingWith(problem);
    }

    @Test
    void onlyAWholeBackboneThatDoesNotDropOutGivesTheSameFeatures() {
        assertThat(of("policy: backbone", 6, 10).backboneNeverTrains()).isTrue();
        assertThat(of("policy: backbone, frozen_dropout: true", 6, 10).backboneNeverTrains())
                .isFalse();
        assertThat(of("layers: {frozen: 1-5, always: 6}", 6, 10).backboneNeverTrains()).isFalse();
        assertThat(of("layers: {frozen: 1-6}", 6, 10).backboneNeverTrains()).isTrue();
        assertThat(of("policy: none", 6, 10).backboneNeverTrains()).isFalse();
    }

    @Test
    void fullMeansNothing() {
        var stage = of("policy: full", 6, 10).at(0);
        assertThat(stage.trains("heads.intent.weight")).isFalse();
        assertThat(stage.trains("embeddings.LayerNorm.bias")).isFalse();
        assertThat(stage.trains("encoder.layer.5.output.dense.bias")).isFalse();
    }
}
