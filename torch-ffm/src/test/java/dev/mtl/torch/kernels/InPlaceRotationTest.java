package dev.mtl.torch.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeavesNoTensorBehind.class)
class InPlaceRotationTest {
    private static final InPlaceRotation.Angles ANGLES =
            new InPlaceRotation.Angles(new float[] {1, 1, 0, 0.8f}, new float[] {0, 0, 1, 0.6f});

    @Test
    void rotatesTheHalvesOfEachHeadAndLeavesOtherColumns() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var rows =
                    Tensors.of(
                            new float[] {
                                1, 2, 3, 4, 5, 6, 7, 8, 9,
                                1, 2, 3, 4, 5, 6, 7, 8, 9
                            },
                            2,
                            9);

            InPlaceRotation.apply(rows, 2, 4, ANGLES, new int[] {1, 0});

            float[] expected = {
                -3,
                2 * 0.8f - 4 * 0.6f,
                1,
                4 * 0.8f + 2 * 0.6f,
                -7,
                6 * 0.8f - 8 * 0.6f,
                5,
                8 * 0.8f + 6 * 0.6f,
                9,
                1,
                2,
                3,
                4,
                5,
                6,
                7,
                8,
                9
            };
            assertThat(rows.toFloats()).containsExactly(expected, within(1e-6f));
        }
    }

    @Test
    void rejectsUnfittingPositionsAndShapes() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var rows = Tensors.of(new float[16], 2, 8);
            assertThatThrownBy(() -> InPlaceRotation.apply(rows, 2, 4, ANGLES, new int[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 positions");
            assertThatThrownBy(() -> InPlaceRotation.apply(rows, 3, 4, ANGLES, new int[2]))
                    .isInstanceOf(IllegalArgumentException.class);
            var turned = rows.view(8, 2).transpose(0, 1);
            assertThatThrownBy(() -> InPlaceRotation.apply(turned, 2, 4, ANGLES, new int[2]))
                    .hasMessageContaining("contiguous");
        }
    }
}
