package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.train.step.NonFinite;
import dev.mtl.train.step.NonFiniteException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Losses and gradients that are no finite numbers. */
class NonFiniteTest extends TinyRuns {
    @Test
    void aLossThatIsNotFiniteStopsWithTaskAndExamples() {
        poison = true;
        assertThatThrownBy(() -> train(config(12, ""), 2, new Recorder()))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageMatching(
                        "step 1: the loss of '(side|words)' is NaN for the examples at example:\\d+"
                                + "[\\d, ]*;.*on_non_finite to skip");
    }

    @Test
    void stepsThatAreNotFiniteMayBeSkippedAndChangeNothing() {
        poison = true;
        var trained = train(config(3, ", on_non_finite: skip"), 2, new Recorder());
        checkChanges(trained, name -> false);
        assertThat(trained.heard().notes).hasSize(3);
        assertThat(trained.heard().notes.getLast())
                .startsWith("step 3: ")
                .endsWith("the step is skipped, the 3. so far");
    }

    @Test
    void thereIsNoMeanLossWhereNoStepCounted() {
        poison = true;
        var trained = train(config(3, ", on_non_finite: skip"), 2, new Recorder());
        assertThat(trained.heard().evaluations.getLast().trainLoss()).isNull();
    }

    @Test
    void skippingEndsWhereNoStepIsFiniteAnyMore() {
        poison = true;
        var recorder = new Recorder();
        assertThatThrownBy(
                        () ->
                                train(
                                        config(
                                                60,
                                                ", on_non_finite: skip, evaluate_every: 99 steps"),
                                        2,
                                        recorder))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageStartingWith("step 20: the loss of ")
                .hasMessageContaining("it is the 20th step in a row that");
        assertThat(recorder.steps).hasSize(19);
    }

    @Test
    void aGradientThatIsNotFiniteStopsWithTasksAndExamplesThoughTheLossIs() {
        poisonHead = true;
        assertThatThrownBy(() -> train(config(12, ""), 2, new Recorder()))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageMatching(
                        "step 1: the norm of the gradients of 'side', 'words' is (Infinity|NaN)"
                                + " for the examples at example:[\\d, ]+.*");
    }

    @Test
    void aGradientThatIsNotFiniteNamesItsTask() {
        try (var _ = TensorScope.open()) {
            var names = List.of("encoder.x", "heads.side.weight", "heads.words.weight");
            var gradients =
                    List.of(
                            Tensors.of(new float[] {Float.NaN, 1}, 2),
                            Tensors.of(new float[] {1, 2}, 2),
                            Tensors.of(new float[] {1, Float.POSITIVE_INFINITY}, 2));
            assertThat(NonFinite.tasks(names, new ArrayList<>(gradients))).containsExactly("words");
        }
    }
}
