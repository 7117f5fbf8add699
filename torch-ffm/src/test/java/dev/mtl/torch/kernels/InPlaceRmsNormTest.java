package dev.mtl.torch.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.torch.testing.RandomTensors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeavesNoTensorBehind.class)
class InPlaceRmsNormTest {
    private static final double EPS = 1e-5;

    @ParameterizedTest
    @CsvSource({"1,1", "1,7", "7,384", "12,1023", "300,32"})
    void dividesByTheRootMeanSquare(int rows, int width) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input = RandomTensors.uniform(1, rows, width).mul(30).add(5.0);
            var weight = RandomTensors.uniform(2, width);
            var root = input.square().mean(-1).add(EPS).sqrt().unsqueeze(-1);
            var expected = input.div(root).mul(weight).toFloats();

            var actual = InPlaceRmsNorm.apply(input, weight, EPS);

            assertThat(actual).isSameAs(input);
            assertThat(actual.toFloats()).containsExactly(expected, within(1e-5f));
        }
    }

    @Test
    void rejectsUnfittingTensors() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var rows = RandomTensors.uniform(1, 4, 3);
            var three = RandomTensors.uniform(2, 3);
            var four = RandomTensors.uniform(3, 4);
            assertThatThrownBy(() -> InPlaceRmsNorm.apply(rows, four, EPS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("weight: float32[4] cpu")
                    .hasMessageContaining("expected contiguous [N, H] and [H]");
            assertThatThrownBy(() -> InPlaceRmsNorm.apply(rows.transpose(0, 1), four, EPS))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> InPlaceRmsNorm.apply(rows.to(DType.INT64), three, EPS))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesToRunWhereAGraphIsRecorded() {
        try (var _ = TensorScope.open()) {
            var one = RandomTensors.uniform(1, 1, 1);
            var vector = RandomTensors.uniform(2, 1);
            assertThatThrownBy(() -> InPlaceRmsNorm.apply(one, vector, EPS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("noGrad");
        }
    }
}
