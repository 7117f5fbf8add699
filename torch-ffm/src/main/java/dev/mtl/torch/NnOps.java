package dev.mtl.torch;

import org.jspecify.annotations.Nullable;

/** The building blocks of networks. */
public sealed interface NnOps extends Operand permits Tensor {

    /**
     * {@code self * weight' + bias}.
     *
     * @param weight {@code [out, in]}
     * @param bias {@code [out]}, or null for none
     * @return {@code [..., out]} for {@code self} {@code [..., in]}
     */
    default Tensor linear(Tensor weight, @Nullable Tensor bias) {
        return Aten.LINEAR.tensor(self(), weight, bias);
    }

    /**
     * The rows of this table ({@code [V, H]}) that {@code indices} (INT64, {@code [...]}) name:
     * {@code [..., H]}.
     */
    default Tensor embedding(Tensor indices) {
        return Aten.EMBEDDING.tensor(self(), indices);
    }

    /**
     * Layer normalization over the last dimension (Ba, Kiros, Hinton 2016).
     *
     * @param weight {@code [H]}, or null for ones
     * @param bias {@code [H]}, or null for zeros
     */
    default Tensor layerNorm(@Nullable Tensor weight, @Nullable Tensor bias, double eps) {
        return Aten.LAYER_NORM.tensor(self(), new long[] {self().size(-1)}, weight, bias, eps);
    }

    /** GELU by the error function, as BERT has it (Hendrycks, Gimpel 2016). */
    default Tensor gelu() {
        return Aten.GELU.tensor(self(), "none");
    }

    /** GELU by its tanh approximation ({@code gelu_new}, {@code gelu_pytorch_tanh}). */
    default Tensor geluTanh() {
        return Aten.GELU.tensor(self(), "tanh");
    }

    default Tensor tanh() {
        return Aten.TANH.tensor(self());
    }

    default Tensor relu() {
        return Aten.RELU.tensor(self());
    }

    default Tensor silu() {
        return Aten.SILU.tensor(self());
    }

    default Tensor sigmoid() {
        return Aten.SIGMOID.tensor(self());
    }

    default Tensor softmax(int dimension) {
        return Aten.SOFTMAX.tensor(self(), dimension);
    }

    default Tensor logSoftmax(int dimension) {
        return Aten.LOG_SOFTMAX.tensor(self(), dimension);
    }

    /**
     * Zeroes elements with a probability and scales the rest by {@code 1 / (1 - probability)}. The
     * draws come from the thread's {@link RandomStream} if one is open, else from LibTorch's global
     * generator, in the order that PyTorch would draw them.
     *
     * @param probability of an element to be zeroed, 0 to below 1
     */
    default Tensor dropout(double probability) {
        if (probability < 0 || probability >= 1) {
            throw new IllegalArgumentException("dropout " + probability + " is not in [0, 1)");
        }
        return probability == 0
                ? self()
                : RandomStream.draw(() -> Aten.DROPOUT.tensor(self(), probability, true));
    }

    /**
     * {@code softmax(q k' / sqrt(d) + mask) v} in one operator (Vaswani et al. 2017), without
     * dropout.
     *
     * @param key {@code [B, heads, S, d]}, like {@code self}, the queries
     * @param value {@code [B, heads, S, d]}
     * @param mask broadcast to {@code [B, heads, S, S]}; BOOL: true takes part; floating: is added;
     *     null for none
     */
    default Tensor scaledDotProductAttention(Tensor key, Tensor value, @Nullable Tensor mask) {
        return Aten.SCALED_DOT_PRODUCT_ATTENTION.tensor(self(), key, value, mask);
    }
}
