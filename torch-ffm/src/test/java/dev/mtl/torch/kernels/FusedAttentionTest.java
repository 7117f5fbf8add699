package dev.mtl.torch.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.torch.testing.RandomTensors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the kernel with the operator, which is tested against PyTorch. */
@ExtendWith(LeavesNoTensorBehind.class)
class FusedAttentionTest {
    private static final int HEADS = 3;
    private static final int WIDTH = 8;

    @BeforeEach
    void assumeKernels() {
        assumeTrue(FusedAttention.isAvailable());
    }

    private static float[] byOperator(Tensor all, int rows, @Nullable Tensor mask) {
        var parts = all.view(rows, -1, 3, HEADS, WIDTH).permute(2, 0, 3, 1, 4);
        return parts.select(0, 0)
                .scaledDotProductAttention(parts.select(0, 1), parts.select(0, 2), mask)
                .transpose(1, 2)
                .reshape(all.size(0), (long) HEADS * WIDTH)
                .toFloats();
    }

    private static Tensor padding(int rows, int length) {
        var values = new float[rows * length];
        values[values.length - 1] = length > 1 ? -Float.MAX_VALUE : 0;
        return Tensors.of(values, rows, 1, 1, length);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,7", "4,33", "2,300"})
    void equalsTheOperatorBitForBit(int rows, int length) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var all = RandomTensors.uniform(1, rows * length, 3 * HEADS * WIDTH);
            var bias = RandomTensors.uniform(2, 1, HEADS, length, length);

            var context = FusedAttention.apply(all, rows, HEADS, null);

            assertThat(context.shape()).containsExactly(rows * length, HEADS * WIDTH);
            assertThat(context.toFloats()).containsExactly(byOperator(all, rows, null));
            assertThat(FusedAttention.apply(all, rows, HEADS, bias).toFloats())
                    .containsExactly(byOperator(all, rows, bias));
            var padding = padding(rows, length);
            assertThat(FusedAttention.apply(all, rows, HEADS, padding).toFloats())
                    .containsExactly(byOperator(all, rows, padding));
        }
    }

    @Test
    void scalesProductsByWhatItIsGiven() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var all = RandomTensors.uniform(1, 8, 3 * HEADS * WIDTH);
            var bias = RandomTensors.uniform(2, 2, HEADS, 4, 4);
            var scaled = all.copy();
            scaled.slice(1, 0, (long) HEADS * WIDTH)
                    .copyFrom(all.slice(1, 0, (long) HEADS * WIDTH).mul(0.5));

            var expected = FusedAttention.apply(scaled, 2, HEADS, bias).toFloats();

            assertThat(FusedAttention.apply(all, 2, HEADS, bias, 0.5 / Math.sqrt(WIDTH)).toFloats())
                    .containsExactly(expected, org.assertj.core.api.Assertions.within(1e-6f));
        }
    }

    @Test
    void blocksAttendToTheRowsAroundThemInPlace() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var all = RandomTensors.uniform(1, 20, 3 * HEADS * WIDTH);
            var mask = RandomTensors.uniform(2, 1, 1, 4, 8);
            var blocks = new FusedAttention.Blocks(3, 4, 4, 4, 2, 8);

            var context = FusedAttention.applyToBlocks(all, HEADS, blocks, mask);

            assertThat(context.shape()).containsExactly(12, HEADS * WIDTH);
            for (int block = 0; block < 3; block++) {
                var query = heads(all.slice(0, 4 + 4L * block, 8 + 4L * block), 0);
                var near = all.slice(0, 2 + 4L * block, 10 + 4L * block);
                var expected =
                        query.scaledDotProductAttention(heads(near, 1), heads(near, 2), mask)
                                .transpose(1, 2)
                                .reshape(4, (long) HEADS * WIDTH);
                assertThat(context.slice(0, 4L * block, 4 + 4L * block).toFloats())
                        .containsExactly(expected.toFloats());
            }
        }
    }

    /** Queries, keys or values of rows, {@code [1, heads, rows, d]}. */
    private static Tensor heads(Tensor rows, int part) {
        return rows.view(1, -1, 3, HEADS, WIDTH).select(2, part).transpose(1, 2);
    }

    @Test
    void rejectsBlocksBeyondTheRows() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var all = RandomTensors.uniform(1, 20, 3 * HEADS * WIDTH);
            var blocks = new FusedAttention.Blocks(4, 4, 4, 4, 2, 8);
            assertThatThrownBy(() -> FusedAttention.applyToBlocks(all, HEADS, blocks, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("count=4")
                    .hasMessageContaining("the rows of all blocks");
        }
    }

    @Test
    void readsAViewThatBeginsInTheMiddleOfItsMemory() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var both = RandomTensors.uniform(3, 10, 3 * HEADS * WIDTH);
            var second = both.slice(0, 5, 10);

            assertThat(FusedAttention.apply(second, 1, HEADS, null).toFloats())
                    .containsExactly(byOperator(second, 1, null));
        }
    }

    @Test
    void theResultOutlivesItsInputs() {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            Tensor kept;
            float[] expected;
            try (var inner = TensorScope.open()) {
                var all = RandomTensors.uniform(4, 6, 3 * HEADS * WIDTH);
                expected = byOperator(all, 1, null);
                kept = inner.moveOut(FusedAttention.apply(all, 1, HEADS, null));
            }
            RandomTensors.uniform(5, 6, 3 * HEADS * WIDTH);

            assertThat(kept.toFloats()).containsExactly(expected);
            assertThat(scope.size()).isEqualTo(2);
        }
    }

    @Test
    void rejectsUnfittingTensorsBeforeAnyNativeCall() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var all = RandomTensors.uniform(6, 8, 3 * HEADS * WIDTH);
            assertThatThrownBy(() -> FusedAttention.apply(all, 2, 5, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("heads: 5")
                    .hasMessageContaining("[8, 72]");
            assertThatThrownBy(() -> FusedAttention.apply(all, 3, HEADS, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("sequences: 3");
            var turned = RandomTensors.uniform(9, 3 * HEADS * WIDTH, 8).transpose(0, 1);
            assertThatThrownBy(() -> FusedAttention.apply(turned, 2, HEADS, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("contiguous");
            assertThatThrownBy(
                            () ->
                                    FusedAttention.apply(
                                            all, 2, HEADS, Tensors.of(new long[4], 1, 4)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(
                            () ->
                                    FusedAttention.apply(
                                            all, 2, HEADS, RandomTensors.uniform(7, 2, 1, 1, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a mask for [blocks, heads, queries, keys]");
        }
    }

    @Test
    void refusesToRunWhereAGraphIsRecorded() {
        try (var _ = TensorScope.open()) {
            var all = RandomTensors.uniform(8, 2, 3 * HEADS * WIDTH);
            assertThatThrownBy(() -> FusedAttention.apply(all, 1, HEADS, null))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("noGrad");
        }
    }
}
