package dev.mtl.core.export;

import static dev.mtl.core.export.OnnxProto.attribute;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.RelativePositions;
import dev.mtl.core.nn.Parameters;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The encoder of {@link dev.mtl.core.bert.BertArrangement} in evaluation mode, as ONNX operators.
 *
 * @param weights by Hugging Face's names, FLOAT32
 */
record OnnxBert(OnnxModel onnx, BertConfig config, Parameters weights) {

    /**
     * Adds all layers.
     *
     * @param types {@code [B, S]}; null if the encoder has no token types
     * @param mask {@code [B, S]}: 1 for a real token, 0 for padding, FLOAT32
     * @return {@code [B, S, H]}
     */
    String forward(String ids, @Nullable String types, String mask) {
        var padding = onnx.add("Sub", List.of(onnx.constant(1), mask));
        var lowest = onnx.add("Mul", List.of(padding, onnx.constant(-Float.MAX_VALUE)));
        var padded = onnx.add("Unsqueeze", List.of(lowest, onnx.constant(List.of(1L, 2L))));
        var bias =
                config.hasRelativePositions()
                        ? onnx.add("Add", List.of(padded, relativePositions(length(ids))))
                        : padded;
        var hidden = embed(ids, types);
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            hidden = layer("encoder.layer." + i + ".", hidden, bias);
        }
        return hidden;
    }

    private String embed(String ids, @Nullable String types) {
        var words = onnx.add("Gather", List.of(table("word"), ids));
        var typed =
                types == null
                        ? words
                        : onnx.add(
                                "Add",
                                List.of(
                                        words,
                                        onnx.add("Gather", List.of(table("token_type"), types))));
        long first = config.firstPosition();
        var end = onnx.add("Add", List.of(length(ids), onnx.constant(List.of(first))));
        var positions =
                onnx.add(
                        "Slice",
                        List.of(
                                table("position"),
                                onnx.constant(List.of(first)),
                                end,
                                onnx.constant(List.of(0L))));
        var normalized =
                layerNorm("embeddings.LayerNorm", onnx.add("Add", List.of(typed, positions)));
        return config.hasEmbeddingProjection()
                ? linear("embeddings_project", normalized)
                : normalized;
    }

    /** S, as a tensor of one element. */
    private String length(String ids) {
        return onnx.add("Shape", List.of(ids), attribute("start", 1), attribute("end", 2));
    }

    /** {@code [heads, S, S]}, sliced from the biases of all pairs of positions. */
    private String relativePositions(String length) {
        long longest = config.maxLength();
        var all = onnx.constant("ranges", RelativePositions.buckets(config.maxLength()), longest);
        var both = onnx.add("Concat", List.of(length, length), attribute("axis", 0));
        var buckets =
                onnx.add(
                        "Slice",
                        List.of(
                                all,
                                onnx.constant(List.of(0L, 0L)),
                                both,
                                onnx.constant(List.of(0L, 1L))));
        var name = RelativePositions.WEIGHT;
        var rows =
                onnx.add("Gather", List.of(onnx.weight(name, weights.get(name), false), buckets));
        return transpose(rows, List.of(2L, 0L, 1L));
    }

    private String table(String kind) {
        var name = "embeddings." + kind + "_embeddings.weight";
        return onnx.weight(name, weights.get(name), false);
    }

    private String layer(String prefix, String input, String bias) {
        var attended = attention(prefix + "attention.self.", input, bias);
        var attention = residual(prefix + "attention.output.", attended, input);
        var intermediate = activate(linear(prefix + "intermediate.dense", attention));
        return residual(prefix + "output.", intermediate, attention);
    }

    private String attention(String prefix, String input, String bias) {
        int width = config.hiddenSize() / config.numAttentionHeads();
        var query = heads(linear(prefix + "query", input), List.of(0L, 2L, 1L, 3L));
        var key = heads(linear(prefix + "key", input), List.of(0L, 2L, 3L, 1L));
        var value = heads(linear(prefix + "value", input), List.of(0L, 2L, 1L, 3L));
        var products = onnx.add("MatMul", List.of(query, key));
        var scale = onnx.constant((float) (1 / Math.sqrt(width)));
        var scores = onnx.add("Add", List.of(onnx.add("Mul", List.of(products, scale)), bias));
        var shares = onnx.add("Softmax", List.of(scores), attribute("axis", -1));
        var context =
                transpose(onnx.add("MatMul", List.of(shares, value)), List.of(0L, 2L, 1L, 3L));
        return reshape(context, List.of(0L, 0L, (long) config.hiddenSize()));
    }

    /** {@code [B, S, H]} to {@code [B, S, heads, H / heads]}, transposed. */
    private String heads(String tokens, List<Long> order) {
        long heads = config.numAttentionHeads();
        return transpose(
                reshape(tokens, List.of(0L, 0L, heads, config.hiddenSize() / heads)), order);
    }

    private String transpose(String value, List<Long> order) {
        return onnx.add("Transpose", List.of(value), attribute("perm", order));
    }

    /**
     * @param sizes 0 for a dimension that keeps its size
     */
    private String reshape(String value, List<Long> sizes) {
        return onnx.add("Reshape", List.of(value, onnx.constant(sizes)));
    }

    private String residual(String prefix, String block, String around) {
        var sum = onnx.add("Add", List.of(linear(prefix + "dense", block), around));
        return layerNorm(prefix + "LayerNorm", sum);
    }

    /** A linear layer: {@code [..., in]} to {@code [..., out]}. */
    private String linear(String layer, String input) {
        return linear(layer + ".weight", layer + ".bias", input);
    }

    /** The same, by the names of its parameters. */
    String linear(String weight, String bias, String input) {
        var product =
                onnx.add("MatMul", List.of(input, onnx.weight(weight, weights.get(weight), true)));
        return onnx.add("Add", List.of(product, onnx.weight(bias, weights.get(bias), false)));
    }

    private String layerNorm(String layer, String input) {
        return onnx.add(
                "LayerNormalization",
                List.of(
                        input,
                        onnx.weight(layer + ".weight", weights.get(layer + ".weight"), false),
                        onnx.weight(layer + ".bias", weights.get(layer + ".bias"), false)),
                attribute("axis", -1),
                attribute("epsilon", (float) config.layerNormEps()));
    }

    private String activate(String input) {
        return switch (config.hiddenAct()) {
            case RELU -> onnx.add("Relu", List.of(input));
            case SILU -> onnx.add("Mul", List.of(input, onnx.add("Sigmoid", List.of(input))));
            case GELU -> gelu(onnx, input);
            case GELU_TANH -> {
                var square = onnx.add("Mul", List.of(input, input));
                var cube = onnx.add("Mul", List.of(square, input));
                var term = onnx.add("Mul", List.of(cube, onnx.constant(0.044715f)));
                var sum = onnx.add("Add", List.of(input, term));
                var scale = onnx.constant((float) Math.sqrt(2 / Math.PI));
                var bend = onnx.add("Tanh", List.of(onnx.add("Mul", List.of(sum, scale))));
                yield gelu(onnx, input, bend);
            }
        };
    }

    /** GELU by the error function. */
    static String gelu(OnnxModel onnx, String input) {
        var scaled = onnx.add("Div", List.of(input, onnx.constant((float) Math.sqrt(2))));
        return gelu(onnx, input, onnx.add("Erf", List.of(scaled)));
    }

    /** {@code input * (1 + bend) / 2}. */
    private static String gelu(OnnxModel onnx, String input, String bend) {
        var more = onnx.add("Add", List.of(bend, onnx.constant(1)));
        var product = onnx.add("Mul", List.of(input, more));
        return onnx.add("Mul", List.of(product, onnx.constant(0.5f)));
    }
}
