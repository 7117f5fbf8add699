package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.sampling.TrainingSet;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code sampling: all}: tasks with data sets of their own meet in a step. */
@ExtendWith(LeavesNoTensorBehind.class)
class StepsOfAllDataSetsTest {
    @TempDir private Path folder;

    private record Stepped(StepResult result, Map<String, float[]> gradients) {}

    private Stepped firstStep(MultiTaskModel model, List<Dataset> data, boolean projecting) {
        var options = new RecordingStep.Options(Precision.FP32, false, true, projecting);
        var config = TestConfigs.training("{batch_size: 16, sampling: all}");
        try (var training = new TrainingSet(model, config, TinyTraining.encode(model, data));
                var workers = new Workers("test", 2);
                var step =
                        new RecordingStep(
                                model, workers, options, Map.of("side", 1.0, "words", 0.5))) {
            var result = step.run(training.microBatches(0, training.step(0)));
            return new Stepped(result, step.gradients());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void areStepsOfTasksThatShareTheirTextsWithPcgradToo(boolean projecting) {
        var data = TinyTraining.data(16, 3);
        var backbone = TinyModel.write(folder.resolve("backbone"), 1, 0);
        try (var model = TinyTraining.model(backbone, 0)) {
            var shared = firstStep(model, List.of(data), projecting);
            var apart = firstStep(model, TinyTraining.apart(data), projecting);
            assertThat(apart.result().loss()).isCloseTo(shared.result().loss(), within(1e-5));
            assertThat(apart.result().taskLosses()).containsOnlyKeys("side", "words");
            assertThat(apart.gradients().keySet()).isEqualTo(shared.gradients().keySet());
            shared.gradients()
                    .forEach(
                            (name, values) ->
                                    assertThat(Objects.requireNonNull(apart.gradients().get(name)))
                                            .as(name)
                                            .usingComparatorWithPrecision(1e-5f)
                                            .containsExactly(values));
        }
    }
}
