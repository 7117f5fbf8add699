package dev.mtl.core.bert;

import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Autocast;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.FusedAttention;
import dev.mtl.torch.FusedLinear;
import dev.mtl.torch.FusedLinear.Epilogue;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

/**
 * An encoder layer without graph and dropout on a CPU: the same arithmetic as {@link Bert#layer},
 * by kernels that fuse what follows a product. Weights may be as they are in the file, or {@link
 * PackedWeights}.
 */
final class InferenceLayer {
    private final BertConfig config;

    InferenceLayer(BertConfig config) {
        this.config = config;
    }

    /** Whether a pass may run so, with the state that this thread is in. */
    static boolean serves(TokenBatch batch) {
        return batch.device().isCpu()
                && !Autograd.isRecording()
                && !Autocast.isOpen()
                && FusedLinear.isAvailable();
    }

    /**
     * Runs the layer. What is computed on the way is freed as soon as it is not needed: memory that
     * is used again is still in the cache, and costs no page faults.
     *
     * @param weights of this layer
     * @param input {@code [B, S, H]}
     * @param mask {@link Bert#attentionBias}
     * @return {@code [B, S, H]}, owned by the scope around the innermost one
     */
    Tensor forward(Parameters weights, Tensor input, @Nullable Tensor mask) {
        try (var scope = TensorScope.open()) {
            Tensor attention;
            try (var context = attention(weights.in("attention.self"), input, mask)) {
                attention = residual(weights.in("attention.output"), context, input);
            }
            try (var intermediate =
                    linear(
                            weights,
                            "intermediate.dense",
                            attention,
                            epilogue(config.hiddenAct()))) {
                return scope.moveOut(residual(weights.in("output"), intermediate, attention));
            }
        }
    }

    private static Epilogue epilogue(BertConfig.Activation activation) {
        return switch (activation) {
            case GELU -> Epilogue.GELU;
            case GELU_TANH -> Epilogue.GELU_TANH;
            case RELU -> Epilogue.RELU;
        };
    }

    private static Tensor linear(
            Parameters weights, String layer, Tensor input, Epilogue epilogue) {
        var weight = layer + ".weight";
        var bias = weights.get(layer + ".bias");
        var int8 = PackedWeights.int8(weights, weight);
        return int8 == null
                ? FusedLinear.apply(input, weights.get(weight), bias, epilogue)
                : int8.apply(input, bias, epilogue);
    }

    private Tensor attention(Parameters weights, Tensor input, @Nullable Tensor mask) {
        long rows = input.size(0);
        long length = input.size(1);
        int heads = config.numAttentionHeads();
        int width = config.hiddenSize() / heads;
        try (var scope = TensorScope.open()) {
            Tensor query;
            Tensor key;
            Tensor value;
            if (weights.has(PackedWeights.ALL_THREE + ".weight")) {
                var all = linear(weights, PackedWeights.ALL_THREE, input, Epilogue.NONE);
                if (FusedAttention.isAvailable()) {
                    return scope.moveOut(FusedAttention.apply(all, heads, mask));
                }
                // [3, B, heads, S, width]
                var parts = all.view(rows, length, 3, heads, width).permute(2, 0, 3, 1, 4);
                query = parts.select(0, 0);
                key = parts.select(0, 1);
                value = parts.select(0, 2);
            } else {
                var shape = new long[] {rows, length, heads, width};
                query = linear(weights, "query", input, Epilogue.NONE).view(shape).transpose(1, 2);
                key = linear(weights, "key", input, Epilogue.NONE).view(shape).transpose(1, 2);
                value = linear(weights, "value", input, Epilogue.NONE).view(shape).transpose(1, 2);
            }
            return scope.moveOut(
                    query.scaledDotProductAttention(key, value, mask)
                            .transpose(1, 2)
                            .reshape(input.shape()));
        }
    }

    private Tensor residual(Parameters weights, Tensor block, Tensor around) {
        var bias = weights.get("dense.bias");
        var int8 = PackedWeights.int8(weights, "dense.weight");
        try (var sum =
                int8 == null
                        ? FusedLinear.applyAndAdd(block, weights.get("dense.weight"), bias, around)
                        : int8.applyByRowAndAdd(block, bias, around)) {
            return weights.layerNorm("LayerNorm", sum, config.layerNormEps());
        }
    }
}
