package dev.mtl.torch.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.torch.testing.RandomTensors;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the plain operators. */
@ExtendWith(LeavesNoTensorBehind.class)
class Int8LinearTest {
    private static final int IN = 96;
    private static final int OUT = 80;

    @BeforeEach
    void assumeKernels() {
        assumeTrue(Int8Linear.isAvailable());
    }

    /** The length of the error over that of the result. */
    private static double error(Tensor got, Tensor wanted) {
        assertThat(got.shape()).containsExactly(wanted.shape());
        return got.sub(wanted).norm().item() / wanted.norm().item();
    }

    private static Tensor after(Epilogue epilogue, Tensor product) {
        return switch (epilogue) {
            case NONE -> product;
            case GELU -> product.gelu();
            case GELU_TANH -> product.geluTanh();
            case RELU -> product.relu();
            case SILU -> product.silu();
        };
    }

    @ParameterizedTest
    @EnumSource(Epilogue.class)
    void isCloseToTheOperatorsInFloat32(Epilogue epilogue) {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input = RandomTensors.uniform(1, 3, 7, IN);
            var weight = RandomTensors.uniform(2, OUT, IN);
            var bias = RandomTensors.uniform(3, OUT);
            var plain = after(epilogue, input.linear(weight, bias));
            var layer = Int8Linear.quantize(weight, scope);
            // Steps of 1/63 for weights: an error of 0.5 % on average, and as much by the input.
            assertThat(error(layer.infer(input, bias, epilogue), plain)).isLessThan(0.015);
        }
    }

    @Test
    void aScaleForEachRowKeepsSmallRowsBesideLargeOnes() {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var small = RandomTensors.uniform(1, 1, IN);
            var input =
                    Tensors.cat(
                            java.util.List.of(small, RandomTensors.uniform(2, 1, IN).mul(1000)), 0);
            var weight = RandomTensors.uniform(3, OUT, IN);
            var bias = RandomTensors.uniform(4, OUT);
            var other = RandomTensors.uniform(5, 2, OUT);
            var layer = Int8Linear.quantize(weight, scope);
            var plain = input.linear(weight, bias).add(other).slice(0, 0, 1);
            assertThat(error(layer.inferPerRowAndAdd(input, bias, other).slice(0, 0, 1), plain))
                    .isLessThan(0.015);
            assertThat(
                            error(
                                    layer.infer(input, bias, Epilogue.NONE)
                                            .add(other)
                                            .slice(0, 0, 1),
                                    plain))
                    .isGreaterThan(0.1);
        }
    }

    @Test
    void zeroInputsGiveTheBias() {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var layer = Int8Linear.quantize(RandomTensors.uniform(1, OUT, IN), scope);
            var zeros = RandomTensors.uniform(2, 2, IN).zerosLike();
            var bias = RandomTensors.uniform(3, OUT);
            assertThat(layer.infer(zeros, bias, Epilogue.NONE).select(0, 1).toFloats())
                    .containsExactly(bias.toFloats());
            assertThat(
                            layer.inferPerRowAndAdd(
                                            zeros,
                                            bias,
                                            RandomTensors.uniform(4, 2, OUT).zerosLike())
                                    .select(0, 1)
                                    .toFloats())
                    .containsExactly(bias.toFloats());
        }
    }

    @Test
    void rejectsUnfittingTensors() {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var layer = Int8Linear.quantize(RandomTensors.uniform(1, OUT, IN), scope);
            var bias = RandomTensors.uniform(2, OUT);
            var input = RandomTensors.uniform(3, 2, IN);
            assertThatThrownBy(
                            () ->
                                    layer.infer(
                                            RandomTensors.uniform(4, 2, IN + 1),
                                            bias,
                                            Epilogue.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("8-bit layer of 80 outputs and 96 inputs");
            assertThatThrownBy(
                            () ->
                                    layer.infer(
                                            input,
                                            RandomTensors.uniform(4, OUT - 1),
                                            Epilogue.NONE))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> layer.infer(input.to(DType.FLOAT64), bias, Epilogue.NONE))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> layer.infer(input.mul(Double.NaN), bias, Epilogue.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("infinite or NaN elements");
        }
    }

    @Test
    void refusesToRunWhereAGraphIsRecorded() {
        try (var scope = TensorScope.open()) {
            var layer = Int8Linear.quantize(RandomTensors.uniform(1, OUT, IN), scope);
            var bias = RandomTensors.uniform(2, OUT);
            var input = RandomTensors.uniform(3, 2, IN);
            assertThatThrownBy(() -> layer.infer(input, bias, Epilogue.NONE))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(
                            () ->
                                    layer.inferPerRowAndAdd(
                                            input, bias, RandomTensors.uniform(4, 2, OUT)))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void inputsAreRoundedByOperatorsAsByTheQuantizer() {
        assumeTrue(QuantizedInput.hasQuantizer());
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            // halves go to the even number, what is out of range to its end
            var input = Tensors.of(new float[] {-9, -0.25f, 0, 0.25f, 0.75f, 1.1f, 40, 300}, 8);

            var bytes = QuantizedInput.rounded(input, 0.5, 4);

            assertThat(bytes.dtype()).isEqualTo(DType.UINT8);
            assertThat(bytes.to(DType.FLOAT32).toFloats())
                    .containsExactly(0, 4, 4, 4, 6, 6, 84, 255)
                    .containsExactly(
                            QuantizedInput.quantized(input, 0.5, 4).to(DType.FLOAT32).toFloats());
        }
    }
}
