package dev.mtl.train.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

@ExtendWith(LeavesNoTensorBehind.class)
class WeightAverageTest {
    /** Of torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn(0.9), PyTorch 2.13. */
    @Test
    void followsTheWeightsAsPyTorchsAveragedModelDoes() {
        try (var _ = TensorScope.open()) {
            var weight = Tensors.of(new float[] {1, -2}, 2);
            try (var average = new WeightAverage(new Parameters(Map.of("w", weight)), 0.9)) {
                float[][] steps = {{1, -2}, {2, -1}, {4, 0.5f}, {-3, 8}};
                for (var step : steps) {
                    weight.copyFrom(Tensors.of(step, 2));
                    average.update();
                }
                average.use(
                        () ->
                                assertThat(weight.toFloats())
                                        .usingComparatorWithPrecision(1e-6f)
                                        .containsExactly(0.95099998f, -0.69399995f));
                assertThat(weight.toFloats()).containsExactly(-3, 8);
            }
        }
    }

    @Test
    void theMeanOfSeveralWeightsIsUsedAndGivenBack() {
        try (var _ = TensorScope.open()) {
            var weight = Tensors.of(new float[] {1, -2}, 2);
            Function<String, Tensor> first = name -> Tensors.of(new float[] {4, 0}, 2);
            Function<String, Tensor> second = name -> Tensors.of(new float[] {1, 8}, 2);
            try (var mean =
                    WeightAverage.mean(
                            new Parameters(Map.of("w", weight)), List.of(first, second))) {
                mean.use(() -> assertThat(weight.toFloats()).containsExactly(2, 2));
                assertThat(weight.toFloats()).containsExactly(1, -2);
            }
        }
    }

    @Test
    void continuesFromItsState() {
        try (var _ = TensorScope.open()) {
            var weight = Tensors.of(new float[] {1, -2}, 2);
            var parameters = new Parameters(Map.of("w", weight));
            try (var first = new WeightAverage(parameters, 0.5);
                    var second = new WeightAverage(parameters, 0.5)) {
                first.update();
                second.restore(first.state());
                weight.copyFrom(Tensors.of(new float[] {3, 4}, 2));
                first.update();
                second.update();
                assertThat(second.state().get("w").toFloats())
                        .containsExactly(first.state().get("w").toFloats())
                        .containsExactly(2, 1);
            }
        }
    }
}
