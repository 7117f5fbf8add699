package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.policy.IneffectiveSettings;

import org.junit.jupiter.api.Test;

import java.util.List;

/** Settings that cannot do anything, or come too late for it. */
class IneffectiveSettingsTest extends TinyRuns {
    private static TrainingConfig freezing(int steps, String more) {
        return config(
                steps, ", freezing: {layers: {gradual: 1-2}, unfreeze_every: 8 steps}" + more);
    }

    @Test
    void whatComesTooLateToDoAnythingIsSaid() {
        var recorder = new Recorder();
        train(freezing(12, ", warmup_steps: 13"), 2, recorder);
        assertThat(recorder.notes)
                .startsWith(
                        "training.warmup_steps is 13, training ends after 12 steps: the learning"
                                + " rates never reach their peaks",
                        "training.freezing.unfreeze_every: training ends after 12 steps, before"
                                + " layer 1 would join")
                .contains("step 9: layer 2 joins");
        var inTime = new Recorder();
        train(freezing(17, ", warmup_steps: 17"), 2, inTime);
        assertThat(inTime.notes)
                .containsExactly(
                        "step 9: layer 2 joins", "step 17: layer 1 and the embeddings join");
    }

    @Test
    void settingsThatCannotDoAnythingAreRefused() {
        var shared = new TokenizedDataset("shared", List.of("side", "words"), List.of());
        var alone = List.of(new TokenizedDataset("alone", List.of("side"), List.of()));
        var validation = List.of(shared);
        var none = List.<TokenizedDataset>of();
        assertThatThrownBy(
                        () ->
                                IneffectiveSettings.refuse(
                                        config(9, ", loss_balance: pcgrad"), alone, validation))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("training.loss_balance: pcgrad");
        IneffectiveSettings.refuse(
                config(9, ", loss_balance: pcgrad"), List.of(shared), validation);
        var words = new TokenizedDataset("others", List.of("words"), List.of());
        var both = List.of(alone.getFirst(), words);
        assertThatThrownBy(
                        () ->
                                IneffectiveSettings.refuse(
                                        config(9, ", loss_balance: famo"), both, validation))
                .hasMessageEndingWith(
                        "each step has examples of one task; use training.sampling: all, or"
                                + " static, uncertainty or dwa");
        IneffectiveSettings.refuse(
                config(9, ", loss_balance: famo, sampling: all"), both, validation);
        assertThatThrownBy(
                        () ->
                                IneffectiveSettings.refuse(
                                        config(9, ", early_stopping_patience: 2"), alone, none))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("training.early_stopping_patience: no task has validation");
        assertThatThrownBy(
                        () ->
                                IneffectiveSettings.refuse(
                                        config(9, ", best_metric: joint_accuracy"), alone, none))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("training.best_metric: no task has validation data");
        IneffectiveSettings.refuse(config(9, ""), alone, none);
    }

    @Test
    void aMetricThatThereIsNotIsFoundBeforeTheFirstStep() {
        var recorder = new Recorder();
        assertThatThrownBy(() -> train(config(12, ", best_metric: side.acuracy"), 2, recorder))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("training.best_metric")
                .hasMessageContaining("did you mean 'side.accuracy'?");
        assertThat(recorder.steps).isEmpty();
    }
}
