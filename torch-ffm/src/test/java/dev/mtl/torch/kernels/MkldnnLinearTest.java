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
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.reflect.Method;
import java.nio.FloatBuffer;
import java.util.List;

/** Compares the kernels with the operators, which are tested against PyTorch. */
@ExtendWith(LeavesNoTensorBehind.class)
class MkldnnLinearTest {

    @BeforeEach
    void assumeKernels() {
        assumeTrue(MkldnnLinear.isAvailable());
    }

    private static double difference(Tensor a, Tensor b) {
        assertThat(a.shape()).containsExactly(b.shape());
        return a.sub(b).abs().reshape(-1).max(0).values().item();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,5", "16,24", "2,257"})
    void agreesWithTheOperators(int rows, int length) {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input = RandomTensors.uniform(1, rows, length, 48);
            var weight = RandomTensors.uniform(2, 80, 48);
            var bias = RandomTensors.uniform(3, 80);
            var other = RandomTensors.uniform(4, rows, length, 80);
            var unpacked = MkldnnWeight.plain(weight);
            var packed = MkldnnWeight.pack(weight, scope);
            var plain = input.linear(weight, bias);
            for (var kernelWeight : List.of(unpacked, packed)) {
                assertThat(
                                difference(
                                        MkldnnLinear.infer(
                                                input, kernelWeight, bias, Epilogue.NONE),
                                        plain))
                        .isLessThan(1e-5);
                assertThat(
                                difference(
                                        MkldnnLinear.infer(
                                                input, kernelWeight, bias, Epilogue.GELU),
                                        plain.gelu()))
                        .isLessThan(1e-5);
                assertThat(
                                difference(
                                        MkldnnLinear.infer(
                                                input, kernelWeight, bias, Epilogue.GELU_TANH),
                                        plain.geluTanh()))
                        .isLessThan(1e-5);
                assertThat(
                                difference(
                                        MkldnnLinear.infer(
                                                input, kernelWeight, bias, Epilogue.RELU),
                                        plain.relu()))
                        .isLessThan(1e-5);
                assertThat(
                                difference(
                                        MkldnnLinear.infer(
                                                input, kernelWeight, bias, Epilogue.SILU),
                                        plain.silu()))
                        .isLessThan(1e-5);
                assertThat(
                                difference(
                                        MkldnnLinear.inferAndMultiply(
                                                input, kernelWeight, bias, other),
                                        plain.mul(other)))
                        .isLessThan(1e-5);
                assertThat(
                                difference(
                                        MkldnnLinear.inferAndAdd(input, kernelWeight, bias, other),
                                        plain.add(other)))
                        .isLessThan(1e-5);
            }
        }
    }

    @Test
    void aLayerMayHaveNoBias() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input = RandomTensors.uniform(1, 7, 48);
            var weight = RandomTensors.uniform(2, 80, 48);
            var other = RandomTensors.uniform(4, 7, 80);
            var plain = MkldnnWeight.plain(weight);
            var product = input.linear(weight, null);
            assertThat(
                            difference(
                                    MkldnnLinear.infer(input, plain, null, Epilogue.GELU),
                                    product.gelu()))
                    .isLessThan(1e-5);
            assertThat(
                            difference(
                                    MkldnnLinear.inferAndAdd(input, plain, null, other),
                                    product.add(other)))
                    .isLessThan(1e-5);
            assertThat(
                            difference(
                                    MkldnnLinear.inferAndMultiply(input, plain, null, other),
                                    product.mul(other)))
                    .isLessThan(1e-5);
            assertThat(
                            difference(
                                    MkldnnLinear.forward(
                                            MkldnnLinear.toMkldnn(input), weight, null),
                                    product))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void refusesToRunWhereAGraphIsRecorded() {
        try (var _ = TensorScope.open()) {
            var one = RandomTensors.uniform(1, 1, 1);
            var weight = MkldnnWeight.plain(one);
            var bias = RandomTensors.uniform(2, 1);
            assertThatThrownBy(() -> MkldnnLinear.infer(one, weight, bias, Epilogue.NONE))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Autograd.noGrad()");
        }
    }

    @Test
    void thePackedTensorCannotBeRead() {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var packed = MkldnnWeight.pack(RandomTensors.uniform(1, 64, 384), scope).tensor();
            assertThatThrownBy(packed::toFloats)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("float32[64, 384] cpu cannot be read");
            assertThatThrownBy(() -> packed.readFloats(FloatBuffer::get))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> FusedAttention.apply(packed, 1, 2, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("contiguous");
        }
    }

    @Test
    void packedWeightsAreTypesThatGiveOutNoTensor() {
        for (var type : List.of(MkldnnWeight.class, MkldnnInput.class, Int8Linear.class)) {
            assertThat(type.getConstructors()).isEmpty();
            assertThat(type.getFields()).isEmpty();
            assertThat(type.getMethods())
                    .filteredOn(method -> method.getReturnType() == Tensor.class)
                    .extracting(Method::getName)
                    .allMatch(name -> name.startsWith("infer"));
        }
    }

    @Test
    void rejectsUnfittingTensors() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input = RandomTensors.uniform(1, 2, 3);
            var weight = MkldnnWeight.plain(RandomTensors.uniform(2, 5, 3));
            var bias = RandomTensors.uniform(3, 5);
            assertThatThrownBy(
                            () ->
                                    MkldnnLinear.infer(
                                            input,
                                            weight,
                                            RandomTensors.uniform(4, 4),
                                            Epilogue.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bias: float32[4] cpu")
                    .hasMessageContaining(
                            "expected input [..., in], weight [out, in] and bias [out]");
            assertThatThrownBy(
                            () ->
                                    MkldnnLinear.infer(
                                            RandomTensors.uniform(5, 2, 4),
                                            weight,
                                            bias,
                                            Epilogue.NONE))
                    .hasMessageContaining("input: float32[2, 4] cpu");
            assertThatThrownBy(
                            () ->
                                    MkldnnLinear.infer(
                                            input.to(DType.INT64), weight, bias, Epilogue.NONE))
                    .hasMessageContaining("input: int64[2, 3] cpu");
            assertThatThrownBy(
                            () ->
                                    MkldnnLinear.inferAndAdd(
                                            input, weight, bias, RandomTensors.uniform(6, 1, 5)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("gives [2, 5], to which float32[1, 5] cpu");
        }
    }

    @Test
    void rejectsWeightsThatAreNoContiguousMatrix() {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var matrix = RandomTensors.uniform(1, 4, 3);
            for (var weight :
                    List.of(
                            matrix.transpose(0, 1),
                            matrix.to(DType.BFLOAT16),
                            RandomTensors.uniform(2, 4),
                            RandomTensors.uniform(3, 0, 3))) {
                assertThatThrownBy(() -> MkldnnWeight.plain(weight))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected contiguous [out, in]");
                assertThatThrownBy(() -> MkldnnWeight.pack(weight, scope))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void recordsGradientsInTheForwardPassForTraining() {
        try (var _ = TensorScope.open()) {
            var input = Autograd.requireGrad(RandomTensors.uniform(1, 2, 5, 3), true);
            var weight = Autograd.requireGrad(RandomTensors.uniform(2, 4, 3), true);
            var bias = RandomTensors.uniform(3, 4);
            var expected = input.linear(weight, bias);
            Autograd.backward(expected.square().sum());
            var inputGradient = Autograd.takeGrad(input).orElseThrow();
            var weightGradient = Autograd.takeGrad(weight).orElseThrow();

            var actual = MkldnnLinear.forward(MkldnnLinear.toMkldnn(input), weight, bias);
            Autograd.backward(actual.square().sum());

            assertThat(difference(actual, expected)).isLessThan(1e-5);
            assertThat(difference(Autograd.grad(input).orElseThrow(), inputGradient))
                    .isLessThan(1e-4);
            assertThat(difference(Autograd.grad(weight).orElseThrow(), weightGradient))
                    .isLessThan(1e-4);
        }
    }

    @Test
    void rejectsUnfittingTrainingInputs() {
        try (var _ = TensorScope.open()) {
            var weight = RandomTensors.uniform(1, 4, 3);
            var bias = RandomTensors.uniform(2, 4);
            assertThatThrownBy(() -> MkldnnLinear.toMkldnn(weight.to(DType.BFLOAT16)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("FLOAT32 on the CPU");
            assertThatThrownBy(() -> MkldnnLinear.toMkldnn(RandomTensors.uniform(3, 8, 0)))
                    .isInstanceOf(IllegalArgumentException.class);
            try (var narrow = MkldnnLinear.toMkldnn(RandomTensors.uniform(4, 2, 2));
                    var fitting = MkldnnLinear.toMkldnn(RandomTensors.uniform(4, 2, 3))) {
                assertThatThrownBy(() -> MkldnnLinear.forward(narrow, weight, bias))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("input: [..., 2], weight: float32[4, 3] cpu");
                assertThatThrownBy(() -> MkldnnLinear.forward(fitting, Tensors.scalar(1), bias))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(
                                () ->
                                        MkldnnLinear.forward(
                                                fitting, weight, RandomTensors.uniform(5, 5)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
