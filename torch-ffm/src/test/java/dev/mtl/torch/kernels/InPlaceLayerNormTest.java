package dev.mtl.torch.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.torch.testing.RandomTensors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the kernel with the operator, which is tested against PyTorch. */
@ExtendWith(LeavesNoTensorBehind.class)
class InPlaceLayerNormTest {
    private static final double EPS = 1e-12;

    @ParameterizedTest
    @CsvSource({"1,1", "1,7", "7,384", "12,1023", "13,64", "300,32"})
    void agreesWithTheOperator(int rows, int width) {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input = RandomTensors.uniform(1, rows, width).mul(30).add(5.0);
            var weight = RandomTensors.uniform(2, width);
            var bias = RandomTensors.uniform(3, width);
            var expected = input.layerNorm(weight, bias, EPS).toFloats();
            int before = scope.size();

            var actual = InPlaceLayerNorm.apply(input, weight, bias, EPS);

            assertThat(actual.shape()).containsExactly(rows, width);
            assertThat(scope.size()).isEqualTo(before);
            var values = actual.toFloats();
            for (int i = 0; i < values.length; i++) {
                assertThat(values[i]).as("element %d", i).isCloseTo(expected[i], within(1e-5f));
            }
        }
    }

    @Test
    void mayHaveNoBias() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var rows = Tensors.of(new float[] {3, 5}, 1, 2);
            var weight = Tensors.of(new float[] {2, 3}, 2);
            assertThat(InPlaceLayerNorm.apply(rows, weight, null, 0).toFloats())
                    .containsExactly(-2, 3);
        }
    }

    @Test
    void readsSharedWeights() {
        try (var owner = TensorScope.shared();
                var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var weight = owner.take(Tensors.of(new float[] {2, 2}, 2));
            var bias = owner.take(Tensors.of(new float[] {1, 1}, 2));
            var rows = Tensors.of(new float[] {3, 5}, 1, 2);
            assertThat(InPlaceLayerNorm.apply(rows, weight, bias, 0).toFloats())
                    .containsExactly(-1, 3);
        }
    }

    @Test
    void rejectsUnfittingTensors() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var rows = RandomTensors.uniform(1, 4, 3);
            var three = RandomTensors.uniform(2, 3);
            var four = RandomTensors.uniform(3, 4);
            assertThatThrownBy(() -> InPlaceLayerNorm.apply(rows, four, three, EPS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("weight: float32[4] cpu")
                    .hasMessageContaining("expected contiguous [N, H], [H] and [H]");
            assertThatThrownBy(() -> InPlaceLayerNorm.apply(rows, three, four, EPS))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> InPlaceLayerNorm.apply(rows.transpose(0, 1), four, four, EPS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("contiguous");
            assertThatThrownBy(
                            () -> InPlaceLayerNorm.apply(rows.to(DType.INT64), three, three, EPS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("rows: int64[4, 3] cpu");
            assertThat(rows.isClosed()).isFalse();
        }
    }

    @Test
    void refusesToRunWhereAGraphIsRecorded() {
        try (var _ = TensorScope.open()) {
            var one = RandomTensors.uniform(1, 1, 1);
            var vector = RandomTensors.uniform(2, 1);
            assertThatThrownBy(() -> InPlaceLayerNorm.apply(one, vector, vector, EPS))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("noGrad");
        }
    }
}
