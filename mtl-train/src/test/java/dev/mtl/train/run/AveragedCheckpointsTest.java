package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.progress.TrainingListener.Evaluated;

import org.junit.jupiter.api.Test;

/** The mean of the last checkpoints, scored at the end. */
class AveragedCheckpointsTest extends TinyRuns {
    private static final String OFTEN = ", checkpoint_every: 3 steps, evaluate_every: 6 steps";

    @Test
    void isScoredOnceTrainingIsOver() {
        var recorder = new Recorder();
        var averaged = train(config(12, OFTEN + ", average_checkpoints: 3"), 2, recorder);
        assertThat(recorder.evaluations).extracting(Evaluated::step).containsExactly(6, 12, 12);
        assertThat(recorder.notes).contains("step 12: the mean of the last checkpoints");
        var plain = train(config(12, OFTEN), 2, new Recorder());
        plain.after()
                .forEach(
                        (name, values) ->
                                assertThat(averaged.after().get(name))
                                        .as("training itself is the same: %s", name)
                                        .containsExactly(values));
    }

    @Test
    void ofASingleCheckpointIsSaidToBeNone() {
        var recorder = new Recorder();
        train(config(6, ", checkpoint_every: 6 steps, average_checkpoints: 2"), 2, recorder);
        assertThat(recorder.evaluations).hasSize(1);
        assertThat(recorder.notes)
                .contains(
                        "training.average_checkpoints: there is one checkpoint only, the last one;"
                                + " write more by checkpoint_every");
    }

    @Test
    void needsCheckpointsAndNoOtherAverage() {
        assertThatThrownBy(() -> config(6, ", average_checkpoints: 1"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("average_checkpoints is 1, it must be at least 2");
        assertThatThrownBy(() -> config(6, ", average_checkpoints: 2, checkpoint_every: never"))
                .hasMessageContaining("checkpoint_every: never writes none");
        assertThatThrownBy(() -> config(6, ", average_checkpoints: 2, weight_average: 0.9"))
                .hasMessageContaining("use one of them");
    }
}
