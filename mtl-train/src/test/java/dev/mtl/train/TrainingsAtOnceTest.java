package dev.mtl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.progress.Outcome;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;

/** Trainings that share a directory or a machine. */
class TrainingsAtOnceTest extends JavaTraining {
    @Test
    void aSecondTrainingIntoTheSameDirectoryIsRefusedAtOnce() {
        var refusals = new ArrayList<String>();
        try (var first = Training.of(inMemory("model"), backbone)) {
            first.onStep(
                    step -> {
                        try (var second =
                                Training.of(inMemory("model"), backbone).overwrite(true)) {
                            assertThatThrownBy(second::run)
                                    .isInstanceOfSatisfying(
                                            MtlException.class,
                                            e -> refusals.add(String.valueOf(e.getMessage())));
                        }
                    });
            assertThat(first.run().outcome()).isEqualTo(Outcome.FINISHED);
        }
        assertThat(refusals)
                .hasSize(STEPS)
                .allMatch(
                        message ->
                                message.matches(
                                        ".*model\\.run is being written by process "
                                                + ProcessHandle.current().pid()
                                                + " on \\S+ since 20\\S+Z; wait for it, stop it, or"
                                                + " set another output\\.dir"));
        // the first one has left no lock
        try (var third = Training.of(inMemory("model"), backbone).overwrite(true)) {
            assertThat(third.run().outcome()).isEqualTo(Outcome.FINISHED);
        }
    }

    @Test
    void moreWorkersThanTheMachineHasUseForAreRefusedBeforeAnythingIsStarted() {
        var data = Dataset.of(examples(20));
        var many =
                configuration(
                        "model",
                        keys -> keys.train(data).validation(data),
                        keys -> keys.workers(100_000));
        int threads = Thread.activeCount();
        try (var training = Training.of(many, backbone)) {
            assertThatThrownBy(training::run)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("training.workers")
                    .hasMessageContaining("100000")
                    .hasMessageContaining("at most");
        }
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 4);
        assertThat(folder.resolve("model.run")).doesNotExist();
    }
}
