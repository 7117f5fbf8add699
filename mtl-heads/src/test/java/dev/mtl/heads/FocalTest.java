package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Losses;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.List;
import java.util.Map;

/** Against benchmarks/peers/golden_focal.py. */
@ExtendWith(LeavesNoTensorBehind.class)
class FocalTest {
    private static final LabelIndex LABELS = new LabelIndex("t", List.of("a", "b", "c"));

    private static final float[] FIGURES_2 = {
        1.00767048f,
        0.30558144f,
        -0.37376587f,
        0.06818443f,
        0.02005560f,
        -0.02276983f,
        0.00271423f,
        -0.00000000f,
        0.00000000f,
        0.00000000f,
        0.00000000f,
        0.00000000f,
        0.00000000f
    };
    private static final float[] FIGURES_1 = {
        1.07245323f,
        0.28482173f,
        -0.34837405f,
        0.06355232f,
        0.04677885f,
        -0.05310968f,
        0.00633083f,
        -0.00000000f,
        0.00000000f,
        0.00000000f,
        0.00000000f,
        0.00000000f,
        0.00000000f
    };
    private static final float[] FIGURES_WEIGHTED = {
        1.29557633f,
        0.39289042f,
        -0.48055612f,
        0.08766570f,
        0.02578577f,
        -0.02927549f,
        0.00348972f,
        -0.00000000f,
        0.00000000f,
        0.00000000f,
        0.00000000f,
        0.00000000f,
        0.00000000f
    };

    @Test
    void theLossAndItsGradientArePyTorchs() {
        check(2, ClassWeights.none(), FIGURES_2);
        check(1, ClassWeights.none(), FIGURES_1);
        check(2, new ClassWeights.Given(Map.of("b", 3.0)), FIGURES_WEIGHTED);
    }

    private static void check(double gamma, ClassWeights weights, float[] figures) {
        try (var scope = TensorScope.open()) {
            var logits =
                    Autograd.requireGrad(
                            Tensors.of(
                                    new float[] {2, -1, 0.5f, 0, 1, -2, 30, -30, 0, 1, 1, 1}, 4, 3),
                            true);
            // the third item is right beyond doubt, the last is ignored
            var loss =
                    new CrossEntropy(LABELS, weights, 0, gamma)
                            .loss(logits, new long[] {1, 1, 0, Losses.IGNORE_INDEX});
            assertThat(loss.item()).isCloseTo(figures[0], within(1e-6));
            Autograd.backward(loss);
            var gradient = Autograd.grad(logits).orElseThrow().toFloats();
            for (int i = 0; i < gradient.length; i++) {
                assertThat(gradient[i])
                        .as("element %d", i)
                        .isCloseTo(figures[i + 1], within(1e-6f));
            }
            assertThat(scope.size()).isPositive();
        }
    }

    @Test
    void withoutAnExponentItIsCrossEntropyBitForBit() {
        try (var _ = TensorScope.open()) {
            var logits = Tensors.of(new float[] {2, -1, 0.5f, 0, 1, -2}, 2, 3);
            var classes = new long[] {1, 2};
            assertThat(
                            new CrossEntropy(LABELS, ClassWeights.none(), 0, 0)
                                    .loss(logits, classes)
                                    .item())
                    .isEqualTo(logits.crossEntropy(Tensors.of(classes, 2)).item());
        }
    }

    @Test
    void anExponentBetweenZeroAndOneIsRefused() {
        assertThatThrownBy(() -> Focal.check(0.5, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("focal_gamma is 0.5, it must be 0, for none, or at least 1");
    }

    @Test
    void labelSmoothingAndFocalLossExcludeEachOther() {
        assertThatThrownBy(() -> Focal.check(2, 0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("label_smoothing");
    }
}
