package dev.mtl.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.torch.GoldenValues.Case;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.Operator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Every operator gives PyTorch's values and gradients. */
final class OperatorGoldenTest {
    private static final GoldenValues GOLDEN = GoldenValues.load();

    /** What CopyingTest, the gradient checks and the training tests cover. */
    private static final Set<String> EIGHT_BITS =
            Set.of("AMIN", "AMINMAX", "MUL_", "QUANTIZE_PER_TENSOR", "QLINEAR_PREPACK", "ROUND");

    private static final Set<String> WITHOUT_GOLDEN_VALUES =
            Set.of(
                    "_backward",
                    "_foreach_addcmul_",
                    "_foreach_mul_",
                    "_fused_adamw_",
                    "clone",
                    "copy_",
                    "detach",
                    "index_copy_",
                    "isfinite",
                    "zero_",
                    "zeros_like");

    static List<Case> cases() {
        return GOLDEN.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithPyTorchInFloat64(Case golden) {
        check(golden, DType.FLOAT64, Device.CPU);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithPyTorchInFloat32(Case golden) {
        check(golden, DType.FLOAT32, Device.CPU);
    }

    @ParameterizedTest
    @MethodSource("cases")
    @EnabledIf(value = "dev.mtl.torch.runtime.Cuda#isAvailable", disabledReason = "no CUDA device")
    void agreesWithPyTorchOnCuda(Case golden) {
        check(golden, DType.FLOAT64, Device.cuda(0));
        check(golden, DType.FLOAT32, Device.cuda(0));
    }

    @Test
    void everyOperatorHasGoldenValues() {
        var covered = GOLDEN.cases().stream().map(Case::operator).collect(Collectors.toSet());
        GOLDEN.draws().forEach(s -> s.steps().forEach(step -> covered.add(step.operator())));
        var known =
                Arrays.stream(Aten.class.getDeclaredFields())
                        .filter(field -> Modifier.isStatic(field.getModifiers()))
                        .filter(field -> field.getType() == Operator.class)
                        // oneDNN's are compared with these, in MkldnnLinearTest
                        .filter(field -> !field.getName().startsWith("MKLDNN_"))
                        // ... and in Int8LinearTest
                        .filter(field -> !EIGHT_BITS.contains(field.getName()))
                        .map(OperatorGoldenTest::baseName)
                        .collect(Collectors.toSet());
        assertThat(known).isNotEmpty();
        known.removeAll(WITHOUT_GOLDEN_VALUES);
        assertThat(covered).containsAll(known);
    }

    private static String baseName(java.lang.reflect.Field field) {
        try {
            // aten::sum.dim_IntList is one of the overloads of sum.
            var name = String.valueOf(field.get(null)).substring("aten::".length());
            var base = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
            return base.equals("norm_except_dim") ? "norm" : base;
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static void check(Case golden, DType floating, Device device) {
        long before = Tensor.liveCount();
        try (var _ = TensorScope.open()) {
            var leaves = new LinkedHashMap<String, Tensor>();
            var inputs = new LinkedHashMap<String, Tensor>();
            for (var input : golden.inputs()) {
                var leaf = input.leaf(floating, device, GoldenValues.doubles(input.values()));
                leaves.put(input.name(), leaf);
                inputs.put(input.name(), input.seen(leaf));
            }
            var outputs = new GoldenCalls(inputs, golden.args()).call(golden.operator());
            checkOutputs(golden, outputs, floating);
            if (golden.outputGradient() != null) {
                Autograd.backward(golden.loss(outputs.getFirst()));
                checkGradients(golden, leaves, floating);
            }
        }
        assertThat(Tensor.liveCount()).as("live tensors").isEqualTo(before);
    }

    private static void checkOutputs(Case golden, List<Tensor> outputs, DType floating) {
        assertThat(outputs).hasSameSizeAs(golden.outputs());
        for (int i = 0; i < outputs.size(); i++) {
            var expected = golden.outputs().get(i);
            assertThat(outputs.get(i).shape())
                    .containsExactly(GoldenValues.longs(expected.shape()));
            assertThat(outputs.get(i).dtype())
                    .isEqualTo(GoldenValues.Values.dtype(expected.dtype(), floating));
            checkValues("output " + i, outputs.get(i), expected.values(), floating);
        }
    }

    private static void checkGradients(Case golden, Map<String, Tensor> leaves, DType floating) {
        for (var input : golden.inputs()) {
            var expected = input.grad();
            if (expected != null) {
                var leaf = Objects.requireNonNull(leaves.get(input.name()));
                var grad = Autograd.grad(leaf);
                assertThat(grad).as("gradient of %s", input.name()).isPresent();
                checkValues(
                        "gradient of " + input.name(),
                        input.seen(grad.orElseThrow()),
                        expected,
                        floating);
            }
        }
    }

    private static void checkValues(
            String what, Tensor tensor, List<Double> expected, DType floating) {
        double tolerance = tolerance(floating, tensor.device());
        var values = tensor.to(DType.FLOAT64).toDoubles();
        assertThat(values).as(what).hasSize(expected.size());
        for (int i = 0; i < values.length; i++) {
            assertThat(values[i])
                    .as("%s, element %d", what, i)
                    .isCloseTo(
                            expected.get(i),
                            within(tolerance * Math.max(1, Math.abs(expected.get(i)))));
        }
    }

    /**
     * Relative above 1, absolute below. The golden values have full precision and come from a CPU.
     */
    private static double tolerance(DType floating, Device device) {
        if (floating == DType.FLOAT64) {
            return device.isCpu() ? 1e-13 : 1e-12;
        }
        return device.isCpu() ? 2e-6 : 1e-5;
    }
}
