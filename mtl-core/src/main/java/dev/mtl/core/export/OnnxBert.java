package dev.mtl.core.export;

import static dev.mtl.core.export.OnnxProto.attribute;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.RelativePositions;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.transformer.Activation;

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
        var layers = config.disentangled();
        var disentangled = layers == null ? null : OnnxDisentangled.of(this, layers, length(ids));
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
        var layers = config.disentangled();
        var sum = layers == null || layers.absolutePositions() ? addPositions(typed, ids) : typed;
        if (!config.hasEmbeddingProjection()) {
            return layerNorm("embeddings.LayerNorm", sum);
        }
        if (layers == null) {
            return linear("embeddings_project", layerNorm("embeddings.LayerNorm", sum));
        }
        var wide = weight("embeddings.projection.weight", true);
        return layerNorm("embeddings.LayerNorm", onnx.add("MatMul", List.of(sum, wide)));
    }

    private String addPositions(String embeddings, String ids) {
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
        return onnx.add("Add", List.of(embeddings, positions));
    }

    /** S, as a tensor of one element. */
    private String length(String ids) {
        return onnx.add("Shape", List.of(ids), attribute("start", 1), attribute("end", 2));
    }

    /** {@code [heads, S, S]}, sliced from the biases of all pairs of positions. */
    private String relativePositions(String length) {
        long longest = config.maxLength();
        var all = onnx.constant("ranges", RelativePositions.buckets(config.maxLength()), longest);
        var buckets = square(all, length);
        var rows = onnx.add("Gather", List.of(weight(RelativePositions.WEIGHT), buckets));
        return transpose(rows, List.of(2L, 0L, 1L));
    }

    /** The first {@code [S, S]} of a larger square. */
    String square(String all, String length) {
        var both = onnx.add("Concat", List.of(length, length), attribute("axis", 0));
        return onnx.add(
                "Slice",
                List.of(all, onnx.constant(List.of(0L, 0L)), both, onnx.constant(List.of(0L, 1L))));
    }

    private String table(String kind) {
        return weight("embeddings." + kind + "_embeddings.weight");
    }

    /** A weight as it is. */
    String weight(String name) {
        return weight(name, false);
    }

    private String weight(String name, boolean transposed) {
        return onnx.weight(name, weights.get(name), transposed);
    }

    private String layer(
            String prefix, String input, String bias, @Nullable OnnxDisentangled disentangled) {
        var attended = attention(prefix, input, bias, disentangled);
        var attention = residual(prefix + "attention.output.", attended, input);
        var intermediate =
                activate(config.hiddenAct(), linear(prefix + "intermediate.dense", attention));
        return residual(prefix + "output.", intermediate, attention);
    }

    private String attention(
            String prefix, String input, String bias, @Nullable OnnxDisentangled disentangled) {
        var self = prefix + "attention.self.";
        int width = config.hiddenSize() / config.numAttentionHeads();
        var query = heads(linear(self + "query", input), List.of(0L, 2L, 1L, 3L));
        var key = heads(linear(self + "key", input), List.of(0L, 2L, 3L, 1L));
        var value = heads(linear(self + "value", input), List.of(0L, 2L, 1L, 3L));
        var contents = onnx.add("MatMul", List.of(query, key));
        var products =
                disentangled == null
                        ? contents
                        : disentangled.addPositions(prefix, contents, query, key);
        var scale =
                onnx.constant(
                        disentangled == null
                                ? (float) (1 / Math.sqrt(width))
                                : disentangled.scale(width));
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

    String transpose(String value, List<Long> order) {
        return onnx.add("Transpose", List.of(value), attribute("perm", order));
    }

    /**
     * @param sizes 0 for a dimension that keeps its size
     */
    String reshape(String value, List<Long> sizes) {
        return onnx.add("Reshape", List.of(value, onnx.constant(sizes)));
    }

    private String residual(String prefix, String block, String around) {
        var sum = onnx.add("Add", List.of(linear(prefix + "dense", block), around));
        return layerNorm(prefix + "LayerNorm", sum);
    }

    /** A linear layer: {@code [..., in]} to {@code [..., out]}. */
    String linear(String layer, String input) {
        return linear(layer + ".weight", layer + ".bias", input);
    }

    /** The same, by the names of its parameters. */
    String linear(String weight, String bias, String input) {
        var product = onnx.add("MatMul", List.of(input, weight(weight, true)));
        return onnx.add("Add", List.of(product, weight(bias)));
    }

    String layerNorm(String layer, String input) {
        return onnx.add(
                "LayerNormalization",
                List.of(input, weight(layer + ".weight"), weight(layer + ".bias")),
                attribute("axis", -1),
                attribute("epsilon", (float) config.layerNormEps()));
    }

    String activate(Activation activation, String input) {
        return switch (activation) {
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
