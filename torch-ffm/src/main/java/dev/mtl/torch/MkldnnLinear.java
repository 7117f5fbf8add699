package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Linear layers by oneDNN's kernels, which choose their instructions by what the processor has, and
 * do what follows the product while its results are still in the cache. For FLOAT32 on a CPU.
 *
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/mkldnn/Linear.cpp">Linear.cpp</a>
 */
public final class MkldnnLinear {
    /** What follows the product. */
    public enum Epilogue {
        NONE,
        /** GELU by the error function. */
        GELU,
        /** GELU by its tanh approximation. */
        GELU_TANH,
        RELU
    }

    /** The kernels' words for what follows, as C strings. */
    static final class Words {
        static final MemorySegment NONE = Arena.global().allocateFrom("none");
        static final MemorySegment GELU = Arena.global().allocateFrom("gelu");
        static final MemorySegment TANH = Arena.global().allocateFrom("tanh");
        static final MemorySegment RELU = Arena.global().allocateFrom("relu");
        static final MemorySegment ADD = Arena.global().allocateFrom("add");

        private Words() {}

        static MemorySegment attribute(Epilogue epilogue) {
            return switch (epilogue) {
                case NONE -> NONE;
                case GELU, GELU_TANH -> GELU;
                case RELU -> RELU;
            };
        }

        static MemorySegment algorithm(Epilogue epilogue) {
            return epilogue == Epilogue.GELU_TANH ? TANH : NONE;
        }
    }

    /** The layout that {@link #pack} asks oneDNN for: the one for so many rows. */
    private static final long LAYOUT_ROWS = 64;

    /** From 2,048 inputs on, batches lose a fifth by that layout. */
    private static final long MAX_INPUTS_FOR_SMALL_BATCH_LAYOUT = 1_536;

    private MkldnnLinear() {}

    /** Whether this LibTorch has these kernels: not all builds have oneDNN. */
    public static boolean isAvailable() {
        return LibTorch.get().hasMkldnnLinear();
    }

    /**
     * Whether {@link #forward} is faster than {@link Tensor#linear}. It lays weights out anew in
     * each call, forward and backward, so that a BLAS is ahead of it unless the user holds OpenBLAS
     * to AVX2 on a processor with AVX-512 ({@code OPENBLAS_CORETYPE}).
     */
    public static boolean isFasterForTraining() {
        return LibTorch.get().hasSlowBlas() && isAvailable();
    }

    /** Tries it, in a scope of its own. */
    static boolean works() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input = Tensors.of(new float[] {1, 2}, 1, 2);
            var weight = Tensors.of(new float[] {3, 4, 5, 6}, 2, 2);
            var bias = Tensors.of(new float[] {7, -60}, 2);
            var plain = infer(input, weight, bias, Epilogue.RELU).toFloats();
            var added = inferAndAdd(input, pack(weight), bias, plainRow()).toFloats();
            var graph = forward(toMkldnn(input), weight, bias).toFloats();
            return plain[0] == 18
                    && plain[1] == 0
                    && added[0] == 19
                    && added[1] == -42
                    && graph[0] == 18;
        } catch (TorchException e) {
            return false;
        }
    }

    private static Tensor plainRow() {
        return Tensors.of(new float[] {1, 1}, 1, 2);
    }

    /**
     * Lays a weight out as the kernels read it, which saves them that work in each call. What comes
     * of it is for {@link #infer} and {@link #inferAndAdd} alone: its elements cannot be read.
     *
     * <p>oneDNN chooses among layouts by a number of rows, which cannot be known. That for 64 is 6
     * to 20 % faster than its own choice for a few rows, and level or up to 3 % slower for hundreds
     * (docs/experiments/single-text-latency.md).
     *
     * @param weight {@code [out, in]}, FLOAT32, on the CPU
     * @return a copy, owned by the innermost scope
     */
    public static Tensor pack(Tensor weight) {
        requireNoGraph();
        Long rows =
                weight.dim() == 2 && weight.size(1) <= MAX_INPUTS_FOR_SMALL_BATCH_LAYOUT
                        ? LAYOUT_ROWS
                        : null;
        return Aten.MKLDNN_REORDER_LINEAR_WEIGHT.tensor(weight, rows);
    }

    /**
     * {@code epilogue(input * weight' + bias)}.
     *
     * @param input {@code [..., in]}, FLOAT32, on the CPU
     * @param weight {@code [out, in]}, packed or not
     * @param bias {@code [out]}
     * @return {@code [..., out]}
     */
    public static Tensor infer(Tensor input, Tensor weight, Tensor bias, Epilogue epilogue) {
        requireNoGraph();
        requireFitting(input, weight, bias);
        var scope = TensorScope.current("linear_pointwise");
        try (var borrowed = new BorrowedHandles()) {
            var scratch = Scratch.get();
            var x = borrowed.of(input);
            var w = borrowed.of(weight);
            // Optional arguments are pointers to what they hold.
            var pointers = scratch.stack(2);
            pointers.setAtIndex(ValueLayout.ADDRESS, 0, borrowed.of(bias));
            pointers.setAtIndex(ValueLayout.ADDRESS, 1, Words.algorithm(epilogue));
            var out = scratch.out();
            int code =
                    LibTorchAbi.aoti_torch_cpu__linear_pointwise(
                            x,
                            w,
                            pointers,
                            Words.attribute(epilogue),
                            MemorySegment.NULL,
                            0,
                            pointers.asSlice(Long.BYTES),
                            out);
            return result(code, out, scope, input, weight, bias);
        }
    }

    /**
     * {@code input * weight' + bias + other}.
     *
     * @param other {@code [..., out]}
     */
    public static Tensor inferAndAdd(Tensor input, Tensor weight, Tensor bias, Tensor other) {
        requireNoGraph();
        requireFitting(input, weight, bias);
        var expected = input.shape();
        expected[expected.length - 1] = weight.size(0);
        if (!isFloatOnCpu(other) || !Arrays.equals(other.shape(), expected)) {
            throw new IllegalArgumentException(
                    describe(input, weight, bias)
                            + " gives "
                            + Arrays.toString(expected)
                            + ", to which "
                            + other
                            + " cannot be added");
        }
        var scope = TensorScope.current("linear_pointwise");
        try (var borrowed = new BorrowedHandles()) {
            var scratch = Scratch.get();
            var x = borrowed.of(input);
            var o = borrowed.of(other);
            var w = borrowed.of(weight);
            var pointer = scratch.stack(1);
            pointer.set(ValueLayout.ADDRESS, 0, borrowed.of(bias));
            var out = scratch.out();
            int code =
                    LibTorchAbi.aoti_torch_cpu__linear_pointwise_binary(
                            x, o, w, pointer, Words.ADD, out);
            return result(code, out, scope, input, weight, bias);
        }
    }

    private static Tensor result(
            int code,
            MemorySegment out,
            TensorScope scope,
            Tensor input,
            Tensor weight,
            Tensor bias) {
        if (code != 0) {
            throw NativeCalls.failure(describe(input, weight, bias));
        }
        var shape = input.shape();
        shape[shape.length - 1] = weight.size(0);
        return Tensor.adoptFloats(out.get(ValueLayout.JAVA_LONG, 0), scope, shape);
    }

    /**
     * An input of {@link #forward}, once for all layers that take it; its elements cannot be read.
     *
     * @param input {@code [..., in]}, FLOAT32, on the CPU
     */
    public static Tensor toMkldnn(Tensor input) {
        return Aten.MKLDNN_TO.tensor(input);
    }

    /**
     * {@code input * weight' + bias}, with gradients by oneDNN too.
     *
     * @param input from {@link #toMkldnn}
     * @param weight {@code [out, in]}, not packed
     * @param bias {@code [out]}
     * @return {@code [..., out]}
     */
    public static Tensor forward(Tensor input, Tensor weight, Tensor bias) {
        return Aten.MKLDNN_TO_DENSE.tensor(Aten.MKLDNN_LINEAR.tensor(input, weight, bias));
    }

    /** The C functions are below the dispatcher, which checks such things. */
    private static void requireFitting(Tensor input, Tensor weight, Tensor bias) {
        if (!isFloatOnCpu(input)
                || !isFloatOnCpu(weight)
                || !isFloatOnCpu(bias)
                || input.dim() < 1
                || weight.dim() != 2
                || bias.dim() != 1
                || input.size(-1) != weight.size(1)
                || bias.size(0) != weight.size(0)) {
            throw new IllegalArgumentException(
                    describe(input, weight, bias)
                            + " does not fit: input [..., in], weight [out, in] and bias [out] of"
                            + " FLOAT32 on the CPU are wanted");
        }
    }

    static boolean isFloatOnCpu(Tensor tensor) {
        return tensor.dtype() == DType.FLOAT32 && tensor.device().isCpu();
    }

    private static String describe(Tensor input, Tensor weight, Tensor bias) {
        return "mkldnn::_linear_pointwise(input: %s, weight: %s, bias: %s)"
                .formatted(input, weight, bias);
    }

    static void requireNoGraph() {
        if (Autograd.isRecording()) {
            throw new IllegalStateException(
                    "fused kernels have no gradients: call them in Autograd.noGrad()");
        }
    }
}
