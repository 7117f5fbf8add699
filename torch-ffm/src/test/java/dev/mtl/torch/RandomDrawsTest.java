package dev.mtl.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.torch.GoldenValues.Draw;
import dev.mtl.torch.GoldenValues.Sequence;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;

/** The same seed draws what PyTorch draws. */
final class RandomDrawsTest {

    static List<Sequence> sequences() {
        return GoldenValues.load().draws();
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void drawsWhatPyTorchDraws(Sequence sequence) {
        boolean drops = sequence.steps().stream().anyMatch(s -> s.operator().equals("dropout"));
        assumeTrue(
                !drops || dropoutIsPortable(),
                "this LibTorch draws dropout by MKL: other numbers from the same seed");
        RandomStream.seedGlobal(sequence.seed());
        for (var draw : sequence.steps()) {
            try (var _ = TensorScope.open()) {
                var values = draw(draw).toFloats();
                assertThat(values).hasSize(draw.values().size());
                for (int i = 0; i < values.length; i++) {
                    // Normal numbers go through log and cos, whose last bit differs by processor.
                    float error = draw.operator().equals("normal_") ? 1e-6f : 0;
                    assertThat(values[i])
                            .as("%s, element %d", draw.operator(), i)
                            .isCloseTo(draw.values().get(i), within(error));
                }
            }
        }
    }

    @Test
    void dropoutPassesTheGradientOfWhatItKept() {
        try (var _ = TensorScope.open()) {
            var leaf = Autograd.requireGrad(Tensors.full(DType.FLOAT32, Device.CPU, 1, 40), true);
            RandomStream.seedGlobal(3);
            var dropped = leaf.dropout(0.5);
            Autograd.backward(dropped.sum());
            assertThat(Autograd.grad(leaf).orElseThrow().toFloats())
                    .containsExactly(dropped.toFloats())
                    .contains(0f, 2f);
        }
    }

    private static Tensor draw(Draw draw) {
        var args = draw.args();
        return switch (draw.operator()) {
            case "dropout" ->
                    Tensors.full(DType.FLOAT32, Device.CPU, 1, GoldenValues.longs(draw.shape()))
                            .dropout(args.get("p").doubleValue());
            case "uniform_" ->
                    Tensors.zeros(DType.FLOAT32, Device.CPU, GoldenValues.longs(draw.shape()))
                            .uniform(args.get("from").doubleValue(), args.get("to").doubleValue());
            case "normal_" ->
                    Tensors.zeros(DType.FLOAT32, Device.CPU, GoldenValues.longs(draw.shape()))
                            .normal(args.get("mean").doubleValue(), args.get("std").doubleValue());
            default -> throw new IllegalArgumentException(draw.operator());
        };
    }

    /** Whether an element is dropped when its uniform float64 number is not below what is kept. */
    private static boolean dropoutIsPortable() {
        try (var _ = TensorScope.open()) {
            RandomStream.seedGlobal(1);
            var uniform = Tensors.zeros(DType.FLOAT64, Device.CPU, 64).uniform(0, 1).toDoubles();
            RandomStream.seedGlobal(1);
            var dropped = Tensors.full(DType.FLOAT32, Device.CPU, 1, 64).dropout(0.5).toFloats();
            for (int i = 0; i < uniform.length; i++) {
                if (uniform[i] < 0.5 != dropped[i] > 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
