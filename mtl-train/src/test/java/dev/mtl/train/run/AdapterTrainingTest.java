package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Adapters train in place of the backbone. */
class AdapterTrainingTest extends TinyRuns {
    private static final String LORA = ", adapter: {type: lora, rank: 4, targets: [query, value]}";

    @Test
    void onlyTheAdaptersAndTheHeadsChange() {
        var trained = train(config(12, LORA), 2, new Recorder());
        checkChanges(trained, name -> name.startsWith("adapters.") || name.startsWith("heads."));
        assertThat(trained.after().keySet())
                .filteredOn(name -> name.startsWith("adapters."))
                .hasSize(8)
                .contains("adapters.default.encoder.layer.1.attention.self.value.lora_B.weight");
    }

    @Test
    void theSameSeedGivesTheSameBitsWithAnyNumberOfWorkers() {
        var settings = LORA.replace("rank: 4", "rank: 4, dropout: 0.2");
        var one = train(config(6, settings), 1, new Recorder());
        var two = train(config(6, settings), 2, new Recorder());
        one.after()
                .forEach(
                        (name, values) ->
                                assertThat(two.after().get(name)).as(name).containsExactly(values));
    }

    @Test
    void recomputedLayersGiveTheSameBits() {
        var plain = train(config(6, LORA), 2, new Recorder());
        var recomputed =
                train(config(6, LORA + ", gradient_checkpointing: true"), 2, new Recorder());
        plain.after()
                .forEach(
                        (name, values) ->
                                assertThat(recomputed.after().get(name))
                                        .as(name)
                                        .containsExactly(values));
    }

    @Test
    void eachTaskTrainsItsOwnAdapter() {
        var trained =
                train(
                        config(12, LORA.replace("rank: 4", "rank: 4, per_task: true")),
                        2,
                        new Recorder());
        checkChanges(trained, name -> name.startsWith("adapters.") || name.startsWith("heads."));
        assertThat(trained.after().keySet())
                .filteredOn(name -> name.startsWith("adapters."))
                .hasSize(16)
                .contains("adapters.side.encoder.layer.1.attention.self.value.lora_B.weight");
    }

    @Test
    void anAdapterLearnsWithTheRatesOfItsLayers() {
        var recorder = new Recorder();
        train(
                config(2, LORA + ", layer_lr_decay: 0.5, schedule: constant, warmup_ratio: 0"),
                2,
                recorder);
        assertThat(recorder.steps.getFirst().learningRates())
                .containsEntry("adapters layer 1", 3e-3 * 0.25)
                .containsEntry("adapters layer 2", 3e-3 * 0.5)
                .containsEntry("head side", 3e-3)
                .doesNotContainKey("layer 1");
    }
}
