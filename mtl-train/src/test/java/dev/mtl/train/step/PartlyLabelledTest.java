package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.sampling.TrainingSet;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Rows that some of their tasks cannot use. */
class PartlyLabelledTest {
    private static final int ROWS = 16;

    @TempDir private Path folder;

    /** Without targets for the words of the rows of which {@link TinyTraining} labels no word. */
    private static Dataset withoutSomeTargets(Dataset data) {
        return new Dataset(
                data.source(),
                data.tasks(),
                data.examples().stream()
                        .map(
                                example -> {
                                    var targets = new HashMap<>(example.targets());
                                    if (example.id() % 3 == 1) {
                                        targets.remove("words");
                                    }
                                    return new Example(example.id(), example.texts(), targets);
                                })
                        .toList());
    }

    private record Step(StepResult result, Map<String, float[]> gradients, List<Integer> tasks) {}

    private Step step(MultiTaskModel model, Dataset data) throws IOException {
        var config = TestConfigs.training("{batch_size: 8, gradient_accumulation_steps: 2}");
        try (var workers = new Workers("test", 2);
                var step =
                        new RecordingStep(
                                model, workers, RecordingStep.Options.PLAIN, Map.of("words", 2.0));
                var training =
                        new TrainingSet(model, config, List.of(TinyTraining.encode(model, data)))) {
            var batches = training.microBatches(0, training.step(0));
            var result = step.run(batches);
            return new Step(
                    result,
                    Map.copyOf(step.gradients()),
                    batches.stream().map(batch -> batch.targets().size()).toList());
        }
    }

    @Test
    void aTaskLearnsFromTheRowsThatItCanUse() throws IOException {
        try (var model = TinyTraining.model(TinyModel.write(folder, 1, 0), 0)) {
            var data = TinyTraining.data(ROWS, 3);
            // words that are not labelled count in no loss: the gradients must be those without
            // their targets
            var unlabelled = step(model, data);
            var missing = step(model, withoutSomeTargets(data));
            assertThat(unlabelled.tasks()).containsOnly(2);
            assertThat(missing.tasks()).contains(1, 2);
            unlabelled
                    .result()
                    .taskLosses()
                    .forEach(
                            (task, loss) ->
                                    assertThat(missing.result().taskLosses().get(task))
                                            .as(task)
                                            .isCloseTo(loss, within(1e-6)));
            assertThat(missing.gradients()).containsOnlyKeys(unlabelled.gradients().keySet());
            unlabelled
                    .gradients()
                    .forEach(
                            (name, values) ->
                                    assertThat(
                                                    Objects.requireNonNull(
                                                            missing.gradients().get(name)))
                                            .as(name)
                                            .containsExactly(values, within(1e-5f)));
        }
    }
}
