package dev.mtl.torch;

import java.util.List;

/**
 * Linear layers by oneDNN's kernels, which choose their instructions by what the processor has, and
 * do what follows the product while its results are still in the cache. For FLOAT32 on a CPU.
 *
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/mkldnn/Linear.cpp">Linear.cpp</a>
 */
public final class FusedLinear {
    /** What follows the product. */
    public enum Epilogue {
        NONE("none", "none"),
        /** GELU by the error function. */
        GELU("gelu", "none"),
        /** GELU by its tanh approximation. */
        GELU_TANH("gelu", "tanh"),
        RELU("relu", "none");

        private final String name;
        private final String algorithm;

        Epilogue(String name, String algorithm) {
            this.name = name;
            this.algorithm = algorithm;
        }
    }

    private FusedLinear() {}

    /** Whether this LibTorch has these kernels: not all builds have oneDNN. */
    public static boolean isAvailable() {
        return LibTorch.get().hasFusedLinear();
    }

    /** Tries it, in a scope of its own. */
    static boolean works() {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input = Tensors.of(new float[] {1, 2}, 1, 2);
            var weight = Tensors.of(new float[] {3, 4, 5, 6}, 2, 2);
            var bias = Tensors.of(new float[] {7, -60}, 2);
            var plain = apply(input, weight, bias, Epilogue.RELU).toFloats();
            var added = applyAndAdd(input, pack(weight), bias, plainRow()).toFloats();
            var graph = withGraph(input(input), weight, bias).toFloats();
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
     * of it is for {@link #apply} and {@link #applyAndAdd} alone: its elements cannot be read.
     *
     * @param weight {@code [out, in]}, FLOAT32, on the CPU
     * @return a copy, owned by the innermost scope
     */
    public static Tensor pack(Tensor weight) {
        requireNoGraph();
        return Aten.MKLDNN_REORDER_LINEAR_WEIGHT.tensor(weight);
    }

    /**
     * {@code epilogue(input * weight' + bias)}.
     *
     * @param input {@code [..., in]}, FLOAT32, on the CPU
     * @param weight {@code [out, in]}, packed or not
     * @param bias {@code [out]}
     * @return {@code [..., out]}
     */
    public static Tensor apply(Tensor input, Tensor weight, Tensor bias, Epilogue epilogue) {
        requireNoGraph();
        return Aten.MKLDNN_LINEAR_POINTWISE.tensor(
                input, weight, bias, epilogue.name, List.of(), epilogue.algorithm);
    }

    /**
     * {@code input * weight' + bias + other}.
     *
     * @param other {@code [..., out]}
     */
    public static Tensor applyAndAdd(Tensor input, Tensor weight, Tensor bias, Tensor other) {
        requireNoGraph();
        return Aten.MKLDNN_LINEAR_POINTWISE_BINARY.tensor(input, other, weight, bias, "add");
    }

    /**
     * An input of {@link #withGraph}, once for all layers that take it; its elements cannot be
     * read.
     *
     * @param input {@code [..., in]}, FLOAT32, on the CPU
     */
    public static Tensor input(Tensor input) {
        return Aten.MKLDNN_TO.tensor(input);
    }

    /**
     * {@code input * weight' + bias}, with gradients by oneDNN too.
     *
     * @param input from {@link #input}
     * @param weight {@code [out, in]}, not packed
     * @param bias {@code [out]}
     * @return {@code [..., out]}
     */
    public static Tensor withGraph(Tensor input, Tensor weight, Tensor bias) {
        return Aten.MKLDNN_TO_DENSE.tensor(Aten.MKLDNN_LINEAR.tensor(input, weight, bias));
    }

    private static void requireNoGraph() {
        if (Autograd.isRecording()) {
            throw new IllegalStateException(
                    "fused linear layers have no gradients: call them in Autograd.noGrad()");
        }
    }
}
