package dev.mtl.core.bert;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Autocast;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.kernels.InPlaceLayerNorm;
import dev.mtl.torch.kernels.MkldnnLinear;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Function;

/**
 * The BERT encoder without its pooler: token ids to one vector a token. Also the encoders that
 * differ from it in little, see {@link ModelType}.
 *
 * <p>Operators run in the order of the reference, so that with one thread and one seed dropout
 * draws the same numbers.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/modeling_bert.py">modeling_bert.py</a>
 */
public final class Bert {
    private final BertConfig config;

    public Bert(BertConfig config) {
        this.config = config;
    }

    public BertConfig config() {
        return config;
    }

    /**
     * Runs all layers.
     *
     * @param weights by Hugging Face's names: {@code embeddings.word_embeddings.weight}, ...
     * @param batch B sequences of S tokens
     * @return {@code [B, S, H]}, FLOAT32, on the batch's device, owned by the innermost scope
     */
    public Tensor forward(Parameters weights, TokenBatch batch, Mode mode) {
        return forward(weights, batch, mode, Frozen.NOTHING);
    }

    /** Runs all layers, the lower ones of them frozen: without a graph. */
    public Tensor forward(Parameters weights, TokenBatch batch, Mode mode, Frozen frozen) {
        if (mode == Mode.EVALUATION && InferenceLayer.canRun(batch)) {
            var embedded = embed(weights, batch, mode);
            return infer(weights, InferenceLayer.all(config, weights), flat(embedded), batch);
        }
        var frozenMode = frozen.dropout() ? mode : Mode.EVALUATION;
        var mask = attentionBias(weights, batch, frozen);
        var hidden =
                frozen.embeddings()
                        ? withoutGraph(() -> embed(weights, batch, frozenMode))
                        : embed(weights, batch, mode);
        var rows = mode == Mode.TRAINING ? TokenLayout.of(batch) : TokenLayout.PADDED;
        hidden = rows.pack(hidden);
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            int layer = i;
            var input = hidden;
            hidden =
                    i < frozen.layers()
                            ? withoutGraph(
                                    () -> layer(layer, weights, input, mask, rows, frozenMode))
                            : layer(layer, weights, input, mask, rows, mode);
        }
        return rows.padOutput(hidden);
    }

    /**
     * Runs all layers without a graph and dropout, in FLOAT32: with no autocast open.
     *
     * @return {@code [B, S, H]}, FLOAT32, on the batch's device, owned by the innermost scope
     */
    public Tensor forward(PackedWeights weights, TokenBatch batch) {
        try (var _ = Autograd.noGrad()) {
            return InferenceLayer.canRun(batch)
                    ? infer(weights.parameters(), weights.layers(), embed(weights, batch), batch)
                    : forward(weights.parameters(), batch, Mode.EVALUATION);
        }
    }

    /**
     * Layers without a graph.
     *
     * @param embedded {@code [B * S, H]}, is closed
     */
    private Tensor infer(
            Parameters weights, List<InferenceLayer> layers, Tensor embedded, TokenBatch batch) {
        var mask = attentionBias(weights, batch, Frozen.NOTHING);
        var hidden = embedded;
        for (var layer : layers) {
            try (var input = hidden) {
                hidden = layer.forward(input, batch.rows(), mask);
            }
        }
        try (var tokens = hidden) {
            return tokens.view(batch.rows(), batch.length(), config.hiddenSize());
        }
    }

    /** {@code [B, S, H]} to {@code [B * S, H]}. */
    private Tensor flat(Tensor embedded) {
        try (var input = embedded) {
            return input.view(-1, config.hiddenSize());
        }
    }

    static Tensor withoutGraph(java.util.function.Supplier<Tensor> part) {
        try (var _ = Autograd.noGrad()) {
            return part.get();
        }
    }

    /**
     * What is added to attention scores: the padding's mask, and the bias by distance where the
     * encoder has one, which trains with the embeddings; null for nothing.
     */
    @Nullable Tensor attentionBias(Parameters weights, TokenBatch batch, Frozen frozen) {
        var mask = batch.attentionBias();
        if (!config.hasRelativePositions()) {
            return mask;
        }
        var relative =
                frozen.embeddings()
                        ? withoutGraph(() -> RelativePositions.bias(weights, batch.length()))
                        : RelativePositions.bias(weights, batch.length());
        return mask == null ? relative : relative.add(mask);
    }

    /** The embeddings of tokens, {@code [B * S, H]}. */
    private Tensor embed(PackedWeights weights, TokenBatch batch) {
        var sum = weights.embeddings();
        if (sum == null) {
            return flat(embed(weights.parameters(), batch, Mode.EVALUATION));
        }
        requirePositions(batch);
        var own = weights.parameters().in("embeddings");
        return InPlaceLayerNorm.apply(
                sum.of(batch),
                own.get("LayerNorm.weight"),
                own.get("LayerNorm.bias"),
                config.layerNormEps());
    }

    private void requirePositions(TokenBatch batch) {
        if (batch.length() > config.maxLength()) {
            throw new IllegalArgumentException(
                    batch.length()
                            + " tokens, but this BERT has "
                            + config.maxLength()
                            + " positions");
        }
    }

    /** The embeddings of tokens, {@code [B, S, H]}. */
    Tensor embed(Parameters weights, TokenBatch batch, Mode mode) {
        requirePositions(batch);
        return mode.dropout(
                weights.in("embeddings")
                        .layerNorm("LayerNorm", sum(weights, batch), config.layerNormEps()),
                config.hiddenDropout());
    }

    /** Words, token types and positions, {@code [B, S, H]}. */
    Tensor sum(Parameters weights, TokenBatch batch) {
        var own = weights.in("embeddings");
        var words = weights.get(WordEmbeddingTable.WEIGHT).embedding(batch.ids());
        var typed =
                config.typeVocabSize() == 0
                        ? words
                        : words.add(
                                own.get("token_type_embeddings.weight").embedding(batch.typeIds()));
        int first = config.firstPosition();
        return typed.add(
                own.get("position_embeddings.weight").slice(0, first, first + batch.length()));
    }

    /**
     * One encoder layer.
     *
     * @param index from 0
     * @param input as {@code rows} has it; the result is alike
     * @param mask {@link #attentionBias}
     */
    Tensor layer(
            int index,
            Parameters weights,
            Tensor input,
            @Nullable Tensor mask,
            TokenLayout rows,
            Mode mode) {
        var own = weights.in("encoder.layer." + index);
        var attended = attention(own.in("attention.self"), input, mask, rows, mode);
        var attention =
                residual(
                        own.in("attention.output"),
                        mode.dropout(
                                linear(own, "attention.output.dense", attended),
                                config.attentionOutputDropout()),
                        input);
        var intermediate = activate(linear(own, "intermediate.dense", attention));
        var output =
                mode.dropout(linear(own, "output.dense", intermediate), config.hiddenDropout());
        return residual(own.in("output"), output, attention);
    }

    /** Multi-head self-attention, to a tensor of its input's shape. */
    private Tensor attention(
            Parameters weights, Tensor input, @Nullable Tensor mask, TokenLayout rows, Mode mode) {
        var all = List.of("query", "key", "value");
        Tensor[] parts;
        if (isFused(input)) {
            var shared = MkldnnLinear.toMkldnn(input);
            parts = parts(all, part -> fused(weights, part, shared));
        } else {
            parts = parts(all, part -> weights.linear(part, input));
        }
        var query = heads(rows.pad(parts[0]));
        var key = heads(rows.pad(parts[1]));
        var value = heads(rows.pad(parts[2]));
        Tensor context;
        if (mode == Mode.TRAINING && config.attentionDropout() > 0) {
            double scale = 1 / Math.sqrt((double) config.hiddenSize() / config.numAttentionHeads());
            var scores = query.matmul(key.transpose(2, 3)).mul(scale);
            var probabilities = (mask == null ? scores : scores.add(mask)).softmax(-1);
            context = mode.dropout(probabilities, config.attentionDropout()).matmul(value);
        } else {
            context = query.scaledDotProductAttention(key, value, mask);
        }
        var joined = context.transpose(1, 2);
        return rows.pack(joined.reshape(joined.size(0), joined.size(1), config.hiddenSize()));
    }

    /** {@code [B, S, H]} to {@code [B, heads, S, H / heads]}. */
    private Tensor heads(Tensor tokens) {
        int heads = config.numAttentionHeads();
        return tokens.view(tokens.size(0), tokens.size(1), heads, config.hiddenSize() / heads)
                .transpose(1, 2);
    }

    /** LayerNorm of the sum of a block's output with what went around it. */
    private Tensor residual(Parameters weights, Tensor block, Tensor around) {
        return weights.layerNorm("LayerNorm", block.add(around), config.layerNormEps());
    }

    private static Tensor[] parts(List<String> names, Function<String, Tensor> linear) {
        return names.stream().map(linear).toArray(Tensor[]::new);
    }

    /** By oneDNN where it is faster than the BLAS. */
    private static Tensor linear(Parameters weights, String layer, Tensor input) {
        return isFused(input)
                ? fused(weights, layer, MkldnnLinear.toMkldnn(input))
                : weights.linear(layer, input);
    }

    private static Tensor fused(Parameters weights, String layer, Tensor input) {
        return MkldnnLinear.forward(
                input, weights.get(layer + ".weight"), weights.get(layer + ".bias"));
    }

    private static boolean isFused(Tensor input) {
        return input.device().isCpu()
                && input.dtype() == DType.FLOAT32
                && !Autocast.isOpen()
                && MkldnnLinear.isFasterForTraining();
    }

    private Tensor activate(Tensor tensor) {
        return switch (config.hiddenAct()) {
            case GELU -> tensor.gelu();
            case GELU_TANH -> tensor.geluTanh();
            case RELU -> tensor.relu();
        };
    }
}
