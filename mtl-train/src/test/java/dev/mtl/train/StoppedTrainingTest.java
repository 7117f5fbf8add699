package dev.mtl.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.progress.Outcome;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

/** Trainings that end before their last step, and go on. */
class StoppedTrainingTest extends JavaTraining {
    @Test
    void stopsAfterTheStepAndResumesWithTheSameBits() throws IOException {
        var whole = train(inMemory("whole"));
        TrainingResult first;
        try (var training = Training.of(inMemory("parts"), backbone)) {
            assertThat(training.hasCheckpoint()).isFalse();
            training.onStep(
                    step -> {
                        if (step.step() == 3) {
                            training.stop();
                        }
                    });
            first = training.run();
        }
        assertThat(first.outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(first.steps()).isEqualTo(3);
        TrainingResult second;
        try (var training = Training.of(inMemory("parts"), backbone)) {
            second = training.resume(training.hasCheckpoint()).run();
        }
        assertThat(second.outcome()).isEqualTo(Outcome.FINISHED);
        assertThat(second.steps()).isEqualTo(STEPS);
        assertSame(weights(second), weights(whole));
        assertThat(second.scores()).isEqualTo(whole.scores());
    }

    @Test
    void aTrainingThatIsStoppedBeforeItsFirstEvaluationHasNoScoresOfAnEarlierModel() {
        train(inMemory("model"));
        try (var training = Training.of(inMemory("model"), backbone).overwrite(true)) {
            training.stop();
            var result = training.run();

            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(result.steps()).isEqualTo(1);
            assertThat(result.scores()).isEmpty();
        }
    }

    @Test
    void otherExamplesInMemoryAreNotResumed() {
        try (var training = Training.of(inMemory("m"), backbone)) {
            training.stop();
            training.run();
        }
        var train = Dataset.of(examples(21));
        var validation = Dataset.of(examples(6));
        var other = configuration("m", d -> d.train(train).validation(validation), t -> {});
        try (var training = Training.of(other, backbone).resume(true)) {
            assertThatThrownBy(training::run)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("the training data has changed");
        }
    }

    @Test
    void withoutACheckpointThereIsNothingToResume() {
        try (var training = Training.of(inMemory("m"), backbone).resume(true)) {
            assertThatThrownBy(training::run)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("there is no checkpoint in");
        }
    }

    @Test
    void anInterruptedThreadGetsTheResultAndStaysInterrupted() {
        try (var training = Training.of(inMemory("m"), backbone)) {
            Thread.currentThread().interrupt();
            var result = training.run();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(training.hasCheckpoint()).isTrue();
        }
    }

    @Test
    void closingEndsARunAndWaitsForIt() throws InterruptedException {
        var outcome = new AtomicReference<Outcome>();
        var training = Training.of(inMemory("m"), backbone);
        training.onStep(step -> training.close()); // on the thread that trains: does not wait
        var thread = Thread.ofPlatform().start(() -> outcome.set(training.run().outcome()));
        thread.join();
        training.close();

        assertThat(outcome.get()).isEqualTo(Outcome.INTERRUPTED);
        assertThatThrownBy(training::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this training has run, or is closed");
    }
}
