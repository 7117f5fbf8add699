package dev.mtl.torch.kernels;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.dispatch.Aten;
import dev.mtl.torch.dispatch.BorrowedHandles;
import dev.mtl.torch.dispatch.NativeCalls;
import dev.mtl.torch.dispatch.Scratch;
import dev.mtl.torch.dispatch.TensorAccess;
import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.loading.LibTorch;
import dev.mtl.torch.loading.Requirements;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Linear layers by oneDNN, for FLOAT32 on the CPU. oneDNN selects instructions by what the
 * processor supports, and applies activations and additions while the results are still in the
 * cache.
 *
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/mkldnn/Linear.cpp">Linear.cpp</a>
 */
public final class MkldnnLinear {
    private static final TensorAccess<Tensor> TENSORS = TensorAccess.of(Tensor.class);
    private static final OptionalKernel KERNEL =
            new OptionalKernel(Requirements.ONEDNN, MkldnnLinear::works);
    private static final MemorySegment ADD = Arena.global().allocateFrom("add");
    private static final MemorySegment MULTIPLY = Arena.global().allocateFrom("mul");

    private MkldnnLinear() {}

    /** Whether this LibTorch has these kernels: not all builds contain oneDNN. */
    public static boolean isAvailable() {
        return KERNEL.works();
    }

    /**
     * Whether {@link #forward} is faster than {@link Tensor#linear}. It reorders weights in every
     * call, forward and backward, so that a BLAS is faster unless OpenBLAS is restricted to AVX2 on
     * a processor with AVX-512 ({@code OPENBLAS_CORETYPE}).
     */
    public static boolean isFasterForTraining() {
        return LibTorch.get().hasSlowBlas() && isAvailable();
    }

    /** Runs the kernels on small inputs and compares the results. */
    private static boolean works() {
        try (var scope = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input = Tensors.of(new float[] {1, 2}, 1, 2);
            var weight = Tensors.of(new float[] {3, 4, 5, 6}, 2, 2);
            var bias = Tensors.of(new float[] {7, -60}, 2);
            var other = Tensors.of(new float[] {1, 1}, 1, 2);
            var packed = MkldnnWeight.pack(weight, scope);
            var plain = infer(input, MkldnnWeight.plain(weight), bias, Epilogue.RELU).toFloats();
            var added = inferAndAdd(input, packed, bias, other).toFloats();
            var scaled = inferAndMultiply(input, packed, null, other.mul(2)).toFloats();
            var graph = forward(toMkldnn(input), weight, bias).toFloats();
            return plain[0] == 18
                    && plain[1] == 0
                    && added[0] == 19
                    && added[1] == -42
                    && scaled[0] == 22
                    && graph[0] == 18;
        } catch (TorchException e) {
            return false;
        }
    }

    /**
     * {@code epilogue(input * weight' + bias)}.
     *
     * @param input {@code [..., in]}, FLOAT32, on the CPU
     * @param bias {@code [out]}, contiguous; null for none
     * @return {@code [..., out]}
     */
    public static Tensor infer(
            Tensor input, MkldnnWeight weight, @Nullable Tensor bias, Epilogue epilogue) {
        requireNoGraph();
        requireShapes(input, weight, bias);
        TENSORS.requireScope("linear_pointwise");
        try (var borrowed = new BorrowedHandles()) {
            var scratch = Scratch.get();
            var x = TENSORS.handle(input, borrowed);
            var w = TENSORS.handle(weight.tensor(), borrowed);
            // Optional arguments are passed as pointers to their values.
            var pointers = scratch.stack(2);
            pointers.setAtIndex(ValueLayout.ADDRESS, 1, epilogue.algorithm());
            var out = scratch.out();
            int code =
                    LibTorchAbi.aoti_torch_cpu__linear_pointwise(
                            x,
                            w,
                            optional(bias, pointers, borrowed),
                            epilogue.attribute(),
                            MemorySegment.NULL,
                            0,
                            pointers.asSlice(Long.BYTES),
                            out);
            return result(code, out, input, weight, bias);
        }
    }

    /**
     * {@code input * weight' + bias + other}.
     *
     * @param bias {@code [out]}, contiguous; null for none
     * @param other {@code [..., out]}
     */
    public static Tensor inferAndAdd(
            Tensor input, MkldnnWeight weight, @Nullable Tensor bias, Tensor other) {
        return withOther(input, weight, bias, other, ADD);
    }

    /**
     * {@code (input * weight' + bias) * other}, elementwise.
     *
     * @param bias {@code [out]}, contiguous; null for none
     * @param other {@code [..., out]}
     */
    public static Tensor inferAndMultiply(
            Tensor input, MkldnnWeight weight, @Nullable Tensor bias, Tensor other) {
        return withOther(input, weight, bias, other, MULTIPLY);
    }

    private static Tensor withOther(
            Tensor input,
            MkldnnWeight weight,
            @Nullable Tensor bias,
            Tensor other,
            MemorySegment operation) {
        requireNoGraph();
        requireShapes(input, weight, bias);
        var expected = input.shape();
        expected[expected.length - 1] = weight.outputs();
        if (!isFloatOnCpu(other) || !Arrays.equals(other.shape(), expected)) {
            throw new IllegalArgumentException(
                    describe(input, weight, bias)
                            + " gives "
                            + Arrays.toString(expected)
                            + ", to which "
                            + other
                            + " cannot be applied");
        }
        TENSORS.requireScope("linear_pointwise");
        try (var borrowed = new BorrowedHandles()) {
            var scratch = Scratch.get();
            var x = TENSORS.handle(input, borrowed);
            var o = TENSORS.handle(other, borrowed);
            var w = TENSORS.handle(weight.tensor(), borrowed);
            var pointer = optional(bias, scratch.stack(1), borrowed);
            var out = scratch.out();
            int code =
                    LibTorchAbi.aoti_torch_cpu__linear_pointwise_binary(
                            x, o, w, pointer, operation, out);
            return result(code, out, input, weight, bias);
        }
    }

    /** Optional arguments are passed as pointers to their values. */
    private static MemorySegment optional(
            @Nullable Tensor bias, MemorySegment pointer, BorrowedHandles borrowed) {
        if (bias == null) {
            return MemorySegment.NULL;
        }
        pointer.set(ValueLayout.ADDRESS, 0, TENSORS.handle(bias, borrowed));
        return pointer;
    }

    private static Tensor result(
            int code, MemorySegment out, Tensor input, MkldnnWeight weight, @Nullable Tensor bias) {
        if (code != 0) {
            throw NativeCalls.failure(describe(input, weight, bias));
        }
        var shape = input.shape();
        shape[shape.length - 1] = weight.outputs();
        return TENSORS.adoptFloats(out.get(ValueLayout.JAVA_LONG, 0), shape);
    }

    /**
     * An input of {@link #forward}, converted once for all layers that share it.
     *
     * @param input {@code [..., in]}, FLOAT32, on the CPU
     */
    public static MkldnnInput toMkldnn(Tensor input) {
        if (!isFloatOnCpu(input) || input.dim() < 1 || input.numel() == 0) {
            throw new IllegalArgumentException(
                    "oneDNN input %s: expected [..., in], FLOAT32 on the CPU".formatted(input));
        }
        return new MkldnnInput(TENSORS.call(Aten.MKLDNN_TO, input), input.size(-1));
    }

    /**
     * {@code input * weight' + bias}, recorded for autograd; the backward pass uses oneDNN too.
     *
     * @param weight {@code [out, in]}, FLOAT32, on the CPU
     * @param bias {@code [out]}, FLOAT32, on the CPU, contiguous; null for none
     * @return {@code [..., out]}
     */
    public static Tensor forward(MkldnnInput input, Tensor weight, @Nullable Tensor bias) {
        if (!isFloatOnCpu(weight)
                || weight.dim() != 2
                || weight.size(0) == 0
                || weight.size(1) != input.width()
                || !isBias(bias, weight.size(0))) {
            throw new IllegalArgumentException(
                    "mkldnn_linear(input: [..., %d], weight: %s, bias: %s): expected weight [out, in] and contiguous bias [out], FLOAT32 on the CPU"
                            .formatted(input.width(), weight, bias));
        }
        return TENSORS.call(
                Aten.MKLDNN_TO_DENSE,
                TENSORS.call(Aten.MKLDNN_LINEAR, input.tensor(), weight, bias));
    }

    private static boolean isBias(@Nullable Tensor bias, long outputs) {
        return bias == null
                || (isFloatOnCpu(bias)
                        && bias.dim() == 1
                        && bias.size(0) == outputs
                        && TENSORS.isDense(bias));
    }

    private static void requireShapes(Tensor input, MkldnnWeight weight, @Nullable Tensor bias) {
        if (!isFloatOnCpu(input)
                || input.dim() < 1
                || input.size(-1) != weight.inputs()
                || !isBias(bias, weight.outputs())) {
            throw new IllegalArgumentException(
                    describe(input, weight, bias)
                            + ": expected input [..., in], weight [out, in] and bias [out], FLOAT32"
                            + " on the CPU, the bias contiguous");
        }
    }

    static boolean isFloatOnCpu(Tensor tensor) {
        return tensor.dtype() == DType.FLOAT32 && tensor.device().isCpu();
    }

    private static String describe(Tensor input, MkldnnWeight weight, @Nullable Tensor bias) {
        return "mkldnn::_linear_pointwise(input: %s, weight: %s, bias: %s)"
                .formatted(input, weight, NativeCalls.describe(bias));
    }

    static void requireNoGraph() {
        if (Autograd.isRecording()) {
            throw new IllegalStateException(
                    "inference kernels have no gradients: call them within Autograd.noGrad()");
        }
    }
}
