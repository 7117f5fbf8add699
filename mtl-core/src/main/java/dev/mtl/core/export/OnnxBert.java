package dev.mtl.core.export;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.RelativePositions;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The encoder of {@link dev.mtl.core.bert.BertArrangement} in evaluation mode, as ONNX operators.
 */
record OnnxBert(OnnxModel onnx, BertConfig config, OnnxLayers layers) {

    /**
     * Adds all layers.
     *
     * @param types {@code [B, S]}; null if the encoder has no token types
     * @param mask {@code [B, S]}: 1 for a real token, 0 for padding, FLOAT32
     * @return {@code [B, S, H]}
     */
    String forward(String ids, @Nullable String types, String mask) {
        var padding = padding(mask);
        var rotary = config.rotary();
        if (rotary != null) {
            return new OnnxRotary(onnx, config, rotary, layers).forward(ids, types, padding);
        }
        var length = layers.length(ids);
        var bias =
                config.hasRelativePositions()
                        ? layers.add(padding, relativePositions(length))
                        : padding;
        var parts = config.disentangled();
        var disentangled = parts == null ? null : OnnxDisentangled.of(this, parts, length);
        var hidden = embed(ids, types);
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            var output = layer("encoder.layer." + i + ".", hidden, bias, disentangled);
            hidden =
                    i == 0 && disentangled != null
                            ? disentangled.convolve(hidden, output, mask)
                            : output;
        }
        return hidden;
    }

    /** What hides padding in attention scores, {@code [B, 1, 1, S]}. */
    private String padding(String mask) {
        var padding = onnx.add("Sub", List.of(onnx.constant(1), mask));
        return layers.unsqueeze(layers.multiply(padding, onnx.constant(-Float.MAX_VALUE)), 1, 2);
    }

    private String embed(String ids, @Nullable String types) {
        var typed = words(layers, ids, types);
        var parts = config.disentangled();
        var sum = parts == null || parts.absolutePositions() ? addPositions(typed, ids) : typed;
        if (!config.hasEmbeddingProjection()) {
            return norm("embeddings.LayerNorm", sum);
        }
        if (parts == null) {
            return layers.linear("embeddings_project", true, norm("embeddings.LayerNorm", sum));
        }
        return norm("embeddings.LayerNorm", layers.linear("embeddings.projection", false, sum));
    }

    /** The embeddings of words, and of token types if there are any. */
    static String words(OnnxLayers layers, String ids, @Nullable String types) {
        var words = layers.look("embeddings.word_embeddings.weight", ids);
        return types == null
                ? words
                : layers.add(words, layers.look("embeddings.token_type_embeddings.weight", types));
    }

    private String addPositions(String embeddings, String ids) {
        long first = config.firstPosition();
        var end = layers.add(layers.length(ids), onnx.constant(List.of(first)));
        var positions =
                onnx.add(
                        "Slice",
                        List.of(
                                layers.weight("embeddings.position_embeddings.weight"),
                                onnx.constant(List.of(first)),
                                end,
                                onnx.constant(List.of(0L))));
        return layers.add(embeddings, positions);
    }

    /** {@code [heads, S, S]}, sliced from the biases of all pairs of positions. */
    private String relativePositions(String length) {
        long longest = config.maxLength();
        var all = onnx.constant("ranges", RelativePositions.buckets(config.maxLength()), longest);
        var rows = layers.look(RelativePositions.WEIGHT, square(all, length));
        return layers.transpose(rows, List.of(2L, 0L, 1L));
    }

    /** The first {@code [S, S]} of a larger square. */
    String square(String all, String length) {
        var both = onnx.add("Concat", List.of(length, length), OnnxProto.attribute("axis", 0));
        return onnx.add(
                "Slice",
                List.of(all, onnx.constant(List.of(0L, 0L)), both, onnx.constant(List.of(0L, 1L))));
    }

    private String layer(
            String prefix, String input, String bias, @Nullable OnnxDisentangled disentangled) {
        var attended = attention(prefix, input, bias, disentangled);
        var attention = residual(prefix + "attention.output.", attended, input);
        var intermediate = layers.linear(prefix + "intermediate.dense", true, attention);
        var activated = layers.activate(config.hiddenAct(), intermediate);
        return residual(prefix + "output.", activated, attention);
    }

    private String attention(
            String prefix, String input, String bias, @Nullable OnnxDisentangled disentangled) {
        var self = prefix + "attention.self.";
        int heads = config.numAttentionHeads();
        int width = config.hiddenSize() / heads;
        var query = layers.byHead(layers.linear(self + "query", true, input), heads, width);
        var key = layers.turnedByHead(layers.linear(self + "key", true, input), heads, width);
        var value = layers.byHead(layers.linear(self + "value", true, input), heads, width);
        var contents = onnx.add("MatMul", List.of(query, key));
        var products =
                disentangled == null
                        ? contents
                        : disentangled.addPositions(prefix, contents, query, key);
        float scale =
                disentangled == null
                        ? (float) (1 / Math.sqrt((double) width))
                        : disentangled.scale(width);
        return layers.attend(products, scale, bias, value, config.hiddenSize());
    }

    private String residual(String prefix, String block, String around) {
        return norm(
                prefix + "LayerNorm",
                layers.add(layers.linear(prefix + "dense", true, block), around));
    }

    String norm(String name, String input) {
        return layers.layerNorm(name, true, config.layerNormEps(), input);
    }
}
