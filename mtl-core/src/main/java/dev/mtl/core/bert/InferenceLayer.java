package dev.mtl.core.bert;

import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Autocast;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.Epilogue;
import dev.mtl.torch.kernels.FusedAttention;
import dev.mtl.torch.kernels.InPlaceLayerNorm;
import dev.mtl.torch.kernels.MkldnnLinear;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An encoder layer without graph and dropout on a CPU: the same arithmetic as {@link Bert#layer},
 * by kernels that fuse what follows a product. Weights may be as they are in the file, or {@link
 * PackedWeights}; they are found by name once, when the layer is made.
 */
final class InferenceLayer {
    private final int heads;
    private final Epilogue activation;

    /** Query, key and value: one layer for all, or one for each. */
    private final List<PackedLinear> projections;

    private final Residual attentionOutput;
    private final PackedLinear intermediate;
    private final Residual output;

    /**
     * Finds the layer's weights.
     *
     * @param weights of this layer; they belong to a scope that outlives it
     */
    private InferenceLayer(BertConfig config, Parameters weights) {
        heads = config.numAttentionHeads();
        activation =
                switch (config.hiddenAct()) {
                    case GELU -> Epilogue.GELU;
                    case GELU_TANH -> Epilogue.GELU_TANH;
                    case RELU -> Epilogue.RELU;
                };
        var self = weights.in("attention.self");
        var packed = self.has(PackedWeights.ALL_THREE + ".weight");
        projections =
                (packed ? Stream.of(PackedWeights.ALL_THREE) : Stream.of("query", "key", "value"))
                        .map(name -> PackedLinear.of(self, name))
                        .toList();
        attentionOutput = Residual.of(weights.in("attention.output"), config);
        intermediate = PackedLinear.of(weights, "intermediate.dense");
        output = Residual.of(weights.in("output"), config);
    }

    /** An encoder's layers, the lowest first. */
    static List<InferenceLayer> all(BertConfig config, Parameters weights) {
        return IntStream.range(0, config.numHiddenLayers())
                .mapToObj(i -> new InferenceLayer(config, weights.in("encoder.layer." + i)))
                .toList();
    }

    /** Whether a pass may run so, with the state that this thread is in. */
    static boolean canRun(TokenBatch batch) {
        return batch.device().isCpu()
                && !Autograd.isRecording()
                && !Autocast.isOpen()
                && MkldnnLinear.isAvailable();
    }

    /**
     * Runs the layer. What is computed on the way is freed as soon as it is not needed: memory that
     * is used again is still in the cache, and costs no page faults.
     *
     * @param input {@code [B * S, H]}: linear layers would make that of {@code [B, S, H]} each time
     * @param sequences B
     * @param mask {@link Bert#attentionBias}
     * @return {@code [B * S, H]}, owned by the scope around the innermost one
     */
    Tensor forward(Tensor input, int sequences, @Nullable Tensor mask) {
        try (var scope = TensorScope.open()) {
            Tensor attention;
            try (var context = attention(input, sequences, mask)) {
                attention = attentionOutput.apply(context, input);
            }
            try (var inner = intermediate.apply(attention, activation)) {
                return scope.moveOut(output.apply(inner, attention));
            }
        }
    }

    private Tensor attention(Tensor input, int sequences, @Nullable Tensor mask) {
        try (var scope = TensorScope.open()) {
            var outputs =
                    projections.stream().map(part -> part.apply(input, Epilogue.NONE)).toList();
            var all = outputs.size() == 1 ? outputs.getFirst() : Tensors.cat(outputs, 1);
            if (FusedAttention.isAvailable()) {
                return scope.moveOut(FusedAttention.apply(all, sequences, heads, mask));
            }
            long width = input.size(1) / heads;
            // [3, B, heads, S, width]
            var parts = all.view(sequences, -1, 3, heads, width).permute(2, 0, 3, 1, 4);
            return scope.moveOut(
                    parts.select(0, 0)
                            .scaledDotProductAttention(parts.select(0, 1), parts.select(0, 2), mask)
                            .transpose(1, 2)
                            .reshape(input.shape()));
        }
    }

    /** What ends a block: a linear layer, the sum with what went around the block, a LayerNorm. */
    private record Residual(PackedLinear dense, Tensor gamma, Tensor beta, double eps) {
        static Residual of(Parameters weights, BertConfig config) {
            return new Residual(
                    PackedLinear.of(weights, "dense"),
                    weights.get("LayerNorm.weight"),
                    weights.get("LayerNorm.bias"),
                    config.layerNormEps());
        }

        Tensor apply(Tensor block, Tensor around) {
            return InPlaceLayerNorm.apply(dense.applyAndAdd(block, around), gamma, beta, eps);
        }
    }
}
