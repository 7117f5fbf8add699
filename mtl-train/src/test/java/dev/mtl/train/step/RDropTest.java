package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.sampling.MicroBatch;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Two passes with different dropout, against PyTorch (benchmarks/peers/golden_r_drop.py). */
@ExtendWith(LeavesNoTensorBehind.class)
class RDropTest {
    @TempDir private Path folder;

    private static JsonNode golden(String file) throws IOException {
        return new JsonMapper().readTree(PyTorchTrainingTest.GOLDEN.resolve(file).toFile());
    }

    private static RecordingStep step(
            MultiTaskModel model, Workers workers, double alpha, boolean checkpointing) {
        return step(model, workers, alpha, checkpointing, SingleProcess.Draws.BY_MICRO_BATCH);
    }

    private static RecordingStep step(
            MultiTaskModel model,
            Workers workers,
            double alpha,
            boolean checkpointing,
            SingleProcess.Draws draws) {
        return new RecordingStep(
                model,
                workers,
                new RecordingStep.Options(
                        Precision.FP32, checkpointing, true, false, 0, alpha, draws),
                Map.of());
    }

    @Test
    void lossAndGradientsOfTwoPassesAreThoseOfPyTorch() throws IOException {
        assumeTrue(PyTorchTrainingTest.dropoutIsPortable(), "this LibTorch draws dropout by MKL");
        var golden = golden("r_drop.json");
        var batches = golden("training.json").path("batches");
        try (var model =
                        PyTorchTrainingTest.model(
                                folder,
                                PyTorchTrainingTest.GOLDEN,
                                golden.path("dropout").asDouble(),
                                Device.CPU,
                                LayerMix.LAST,
                                LayerMix.LAST);
                var workers = new Workers("golden", 1);
                var step =
                        step(
                                model,
                                workers,
                                golden.path("alpha").asDouble(),
                                false,
                                SingleProcess.Draws.GLOBAL)) {
            assertThat(golden.path("steps")).hasSize(3);
            for (int i = 0; i < golden.path("steps").size(); i++) {
                var expected = golden.path("steps").get(i);
                RandomStream.seedGlobal(expected.path("seed").asLong());
                var batch = PyTorchTrainingTest.batch(model, batches.get(i));
                assertThat(step.run(List.of(batch)).loss())
                        .as("loss of batch %d", i)
                        .isCloseTo(expected.path("loss").asDouble(), within(1e-5));
                check(step.gradients(), expected.path("gradients"));
            }
        }
    }

    private static void check(Map<String, float[]> gradients, JsonNode expected) {
        assertThat(expected.properties()).hasSizeGreaterThan(30);
        for (var sums : expected.properties()) {
            var name = sums.getKey();
            var gradient =
                    gradients.getOrDefault(
                            name, gradients.getOrDefault("heads." + name, new float[0]));
            double sum = 0;
            double squares = 0;
            for (float value : gradient) {
                sum += value;
                squares += (double) value * value;
            }
            assertThat(sum).as(name).isCloseTo(sums.getValue().get(0).asDouble(), within(1e-4));
            assertThat(squares)
                    .as(name)
                    .isCloseTo(sums.getValue().get(1).asDouble(), within(1e-5 * (1 + squares)));
        }
    }

    private static List<MicroBatch> microBatches(MultiTaskModel model) {
        var examples = TinyTraining.encode(model, TinyTraining.data(16, 3)).examples();
        return List.of(
                MicroBatch.of(examples.subList(0, 9), List.of("side", "words"), false, null),
                MicroBatch.of(examples.subList(9, 16), List.of("side", "words"), false, null));
    }

    @Test
    void recomputedLayersGiveTheSameBitsWithAnyNumberOfWorkers() {
        var backbone = TinyModel.write(folder, 1, 0.1);
        try (var model = TinyTraining.model(backbone, 0.1);
                var one = new Workers("one", 1);
                var two = new Workers("two", 2);
                var plain = step(model, one, 2, false);
                var recomputed = step(model, two, 2, true)) {
            double loss = plain.run(microBatches(model)).loss();
            assertThat(recomputed.run(microBatches(model)).loss()).isEqualTo(loss);
            plain.gradients()
                    .forEach(
                            (name, values) ->
                                    assertThat(recomputed.gradients().get(name))
                                            .as(name)
                                            .containsExactly(values));
        }
    }

    @Test
    void withoutDropoutNothingIsAddedToTheLoss() {
        var backbone = TinyModel.write(folder, 1, 0);
        try (var model = TinyTraining.model(backbone, 0);
                var workers = new Workers("test", 1);
                var once = step(model, workers, 0, false);
                var twice = step(model, workers, 5, false)) {
            assertThat(twice.run(microBatches(model)).loss())
                    .isEqualTo(once.run(microBatches(model)).loss());
        }
    }
}
