package dev.mtl.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.torch.GoldenValues.Case;
import dev.mtl.torch.GoldenValues.Input;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.LinkedHashMap;
import java.util.List;

/**
 * Compares gradients with central differences of the forward pass, on the calls and inputs of the
 * golden cases but without PyTorch's values.
 */
final class GradientCheckTest {
    private static final double TOLERANCE = 1e-7;

    static List<Case> differentiable() {
        return GoldenValues.load().cases().stream()
                .filter(golden -> golden.outputGradient() != null)
                // At a tie, the largest element has a kink and no slope.
                .filter(golden -> !golden.name().startsWith("ties"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("differentiable")
    void gradientsAreSlopes(Case golden) {
        for (var input : golden.inputs()) {
            if (input.grad() != null) {
                var slopes =
                        NumericGradients.of(
                                at -> loss(golden, input, at),
                                GoldenValues.doubles(input.values()));
                var gradient = gradient(golden, input);
                assertThat(gradient).hasSameSizeAs(slopes);
                for (int i = 0; i < slopes.length; i++) {
                    assertThat(gradient[i])
                            .as("gradient of %s, element %d", input.name(), i)
                            .isCloseTo(
                                    slopes[i],
                                    within(TOLERANCE * Math.max(1, Math.abs(slopes[i]))));
                }
            }
        }
    }

    private static double loss(Case golden, Input moving, double... at) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            return loss(golden, moving, moving.leaf(DType.FLOAT64, Device.CPU, at)).item();
        }
    }

    private static double[] gradient(Case golden, Input input) {
        try (var _ = TensorScope.open()) {
            var leaf = input.leaf(DType.FLOAT64, Device.CPU, GoldenValues.doubles(input.values()));
            Autograd.backward(loss(golden, input, leaf));
            return input.seen(Autograd.grad(leaf).orElseThrow()).toDoubles();
        }
    }

    /** The case's loss with {@code leaf} in the place of one input. */
    private static Tensor loss(Case golden, Input replaced, Tensor leaf) {
        var inputs = new LinkedHashMap<String, Tensor>();
        for (var input : golden.inputs()) {
            boolean same = input.name().equals(replaced.name());
            inputs.put(
                    input.name(),
                    input.seen(
                            same
                                    ? leaf
                                    : input.leaf(
                                            DType.FLOAT64,
                                            Device.CPU,
                                            GoldenValues.doubles(input.values()))));
        }
        var outputs = new GoldenCalls(inputs, golden.args()).call(golden.operator());
        return golden.loss(outputs.getFirst());
    }
}
