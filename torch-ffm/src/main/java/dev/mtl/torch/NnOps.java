package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import dev.mtl.torch.dispatch.Aten;

import org.jspecify.annotations.Nullable;

/** The building blocks of neural networks. */
sealed interface NnOps extends Operand permits Tensor {

    /**
     * {@code self * weight' + bias}.
     *
     * @param weight {@code [out, in]}
     * @param bias {@code [out]}, or null for none
     * @return {@code [..., out]} for {@code self} {@code [..., in]}
     */
    default Tensor linear(Tensor weight, @Nullable Tensor bias) {
        return DISPATCHER.call(Aten.LINEAR, self(), weight, bias);
    }

    /**
     * The rows of this table {@code [V, H]} at {@code indices} (INT64, {@code [...]}): {@code [...,
     * H]}.
     */
    default Tensor embedding(Tensor indices) {
        return DISPATCHER.call(Aten.EMBEDDING, self(), indices);
    }

    /**
     * Layer normalization over the last dimension (Ba, Kiros, Hinton 2016).
     *
     * @param weight {@code [H]}, or null for ones
     * @param bias {@code [H]}, or null for zeros
     */
    default Tensor layerNorm(@Nullable Tensor weight, @Nullable Tensor bias, double eps) {
        return DISPATCHER.call(
                Aten.LAYER_NORM, self(), new long[] {self().size(-1)}, weight, bias, eps);
    }

    /** Exact GELU, with the error function, as in BERT (Hendrycks, Gimpel 2016). */
    default Tensor gelu() {
        return DISPATCHER.call(Aten.GELU, self(), "none");
    }

    /** The tanh approximation of GELU ({@code gelu_new}, {@code gelu_pytorch_tanh}). */
    default Tensor geluTanh() {
        return DISPATCHER.call(Aten.GELU, self(), "tanh");
    }

    default Tensor tanh() {
        return DISPATCHER.call(Aten.TANH, self());
    }

    default Tensor relu() {
        return DISPATCHER.call(Aten.RELU, self());
    }

    default Tensor silu() {
        return DISPATCHER.call(Aten.SILU, self());
    }

    default Tensor sigmoid() {
        return DISPATCHER.call(Aten.SIGMOID, self());
    }

    default Tensor softmax(int dimension) {
        return DISPATCHER.call(Aten.SOFTMAX, self(), dimension);
    }

    default Tensor logSoftmax(int dimension) {
        return DISPATCHER.call(Aten.LOG_SOFTMAX, self(), dimension);
    }

    /**
     * Sets each element to zero with a probability and scales the others by {@code 1 / (1 -
     * probability)}. Random numbers come from the thread's {@link RandomStream} if one is open,
     * else from LibTorch's global generator, in PyTorch's order.
     *
     * @param probability of an element to be zeroed, in {@code [0, 1)}
     */
    default Tensor dropout(double probability) {
        if (probability < 0 || probability >= 1) {
            throw new IllegalArgumentException(
                    "dropout probability " + probability + " is not in [0, 1)");
        }
        return probability == 0
                ? self()
                : RandomStream.draw(() -> DISPATCHER.call(Aten.DROPOUT, self(), probability, true));
    }

    /**
     * {@code softmax(q k' / sqrt(d) + mask) v} in one operator (Vaswani et al. 2017), without
     * dropout.
     *
     * @param key {@code [B, heads, S, d]}, like {@code self}, the queries
     * @param value {@code [B, heads, S, d]}
     * @param mask broadcast to {@code [B, heads, S, S]}; BOOL: true means attend; floating: is
     *     added to the scores; null for none
     */
    default Tensor scaledDotProductAttention(Tensor key, Tensor value, @Nullable Tensor mask) {
        return DISPATCHER.call(Aten.SCALED_DOT_PRODUCT_ATTENTION, self(), key, value, mask);
    }
}
