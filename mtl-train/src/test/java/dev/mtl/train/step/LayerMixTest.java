package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.export.LinearHead;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Precision;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.optim.LearningRateSchedule;
import dev.mtl.train.policy.StaticWeights;
import dev.mtl.train.settings.Schedule;
import dev.mtl.train.workers.Workers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Heads that read a mix of layers, against PyTorch (benchmarks/peers/golden_layers.py). */
@ExtendWith(LeavesNoTensorBehind.class)
class LayerMixTest {
    @TempDir private Path folder;

    private static JsonNode golden(String file) throws IOException {
        return new JsonMapper().readTree(PyTorchTrainingTest.GOLDEN.resolve(file).toFile());
    }

    private MultiTaskModel model() throws IOException {
        var model =
                PyTorchTrainingTest.model(
                        folder,
                        PyTorchTrainingTest.GOLDEN,
                        0,
                        Device.CPU,
                        LayerMix.ALL,
                        new LayerMix(false, List.of(0, 2, 1)));
        try (var _ = TensorScope.open()) {
            for (var mix : golden("layers.json").path("mixes").properties()) {
                var head = model.parameters().in("heads." + mix.getKey());
                var values = mix.getValue().path("weights");
                var weights = new float[values.size()];
                for (int i = 0; i < weights.length; i++) {
                    weights[i] = (float) values.get(i).asDouble();
                }
                head.get("layer_mix.weights").copyFrom(Tensors.of(weights, weights.length));
                head.get("layer_mix.gamma")
                        .copyFrom(
                                Tensors.of(
                                        new float[] {
                                            (float) mix.getValue().path("gamma").asDouble()
                                        },
                                        1));
            }
        }
        return model;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lossAndGradientsAreThoseOfPyTorch(boolean checkpointing) throws IOException {
        var golden = golden("layers.json");
        var gradients = new HashMap<String, float[]>();
        try (var model = model();
                var workers = new Workers("golden", 1);
                var training =
                        new TrainingStep(
                                model,
                                new TrainingEncoder(
                                        model,
                                        new MixedPrecision(Device.CPU, Precision.FP32),
                                        new TrainingEncoder.Recomputation(checkpointing, 0)),
                                new StaticWeights(new LinkedHashMap<>()),
                                new SummedLoss(),
                                new SingleProcess(
                                        model, workers, true, SingleProcess.Draws.BY_MICRO_BATCH),
                                (all, factor) -> {
                                    int i = 0;
                                    for (var name : model.parameters().names()) {
                                        var gradient = all.get(i++);
                                        assertThat(gradient).as(name).isNotNull();
                                        gradients.put(name, gradient.toFloats());
                                    }
                                },
                                new TrainingStep.Settings(
                                        0,
                                        0,
                                        0,
                                        new LearningRateSchedule(Schedule.CONSTANT, 0, 1, 1)))) {
            var batch =
                    PyTorchTrainingTest.batch(
                            model, golden("training.json").path("batches").get(0));
            var result = training.run(0, List.of(batch));
            assertThat(result.loss()).isCloseTo(golden.path("loss").asDouble(), within(1e-6));
        }
        for (var mix : golden.path("mix_gradients").properties()) {
            var gradient = gradients.getOrDefault("heads." + mix.getKey(), new float[0]);
            assertThat(gradient).hasSize(mix.getValue().size());
            for (int i = 0; i < gradient.length; i++) {
                assertThat((double) gradient[i])
                        .as(mix.getKey())
                        .isCloseTo(mix.getValue().get(i).asDouble(), within(1e-6));
            }
        }
        for (var sums : golden.path("checksums").properties()) {
            var name = sums.getKey();
            var gradient = gradients.getOrDefault(name, gradients.get("heads." + name));
            double sum = 0;
            double squares = 0;
            for (float value : gradient) {
                sum += value;
                squares += (double) value * value;
            }
            assertThat(sum).as(name).isCloseTo(sums.getValue().get(0).asDouble(), within(1e-5));
            assertThat(squares)
                    .as(name)
                    .isCloseTo(sums.getValue().get(1).asDouble(), within(1e-6 * (1 + squares)));
        }
    }

    @Test
    void aMixThatIsNotThereCannotBeExported() throws IOException {
        try (var model = model()) {
            assertThatThrownBy(() -> LinearHead.of(model, "slots"))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("reads a mix of layers, [0, 2, 1]");
            assertThat(model.mixedLayers(List.of("intent"))).containsExactly(1);
            assertThat(model.mixedLayers(List.of("intent", "slots"))).containsExactly(0, 1);
        }
    }

    @Test
    void layersThatTheBackboneDoesNotHaveAreRefused() throws IOException {
        try (var model = model()) {
            assertThatThrownBy(
                            () ->
                                    model.task("slots")
                                            .withLayers(new LayerMix(false, List.of(1, 3)), 2))
                    .hasMessage("layers names [3], the backbone has 2");
        }
        assertThatThrownBy(() -> new LayerMix(false, List.of(1, 1)))
                .hasMessage("layers names a layer twice: [1, 1]");
        assertThatThrownBy(() -> new LayerMix(false, List.of(-1)))
                .hasMessageStartingWith("layers is [-1]; layers are counted from 1");
        assertThat(Map.of("a", LayerMix.ALL, "b", LayerMix.LAST).toString())
                .contains("a=all", "b=last");
    }
}
