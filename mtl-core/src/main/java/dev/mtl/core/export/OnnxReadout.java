package dev.mtl.core.export;

import static dev.mtl.core.export.OnnxProto.attribute;

import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.pooling.modules.Dense;
import dev.mtl.core.pooling.modules.Readout;

import java.util.List;

/**
 * {@link Readout} as ONNX operators. Prompts are pooled like all tokens: a graph does not know
 * where they end.
 *
 * @param weights with those of {@link Readout#specs}
 * @param hiddenSize H
 */
record OnnxReadout(OnnxModel onnx, Readout readout, Parameters weights, int hiddenSize) {

    /**
     * Adds pooling, layers and normalization.
     *
     * @param tokens {@code [B, S, H]}
     * @param mask {@code [B, S]}: 1 for a real token, 0 for padding, FLOAT32
     * @return {@code [B, D]}
     */
    String forward(String tokens, String mask) {
        var pooled = readout.poolings().stream().map(mode -> pool(mode, tokens, mask)).toList();
        var embeddings =
                pooled.size() == 1
                        ? pooled.getFirst()
                        : onnx.add("Concat", pooled, attribute("axis", 1));
        for (int i = 0; i < readout.dense().size(); i++) {
            embeddings = dense(readout.dense().get(i), Readout.prefix(i) + ".", embeddings);
        }
        return truncate(normalize(embeddings));
    }

    private String truncate(String embeddings) {
        var kept = readout.truncateDim();
        return kept == null
                ? embeddings
                : onnx.add(
                        "Slice",
                        List.of(
                                embeddings,
                                onnx.constant(List.of(0L)),
                                onnx.constant(List.of((long) kept)),
                                onnx.constant(List.of(1L))));
    }

    private String pool(Pooling pooling, String tokens, String mask) {
        return switch (pooling) {
            case MEAN -> {
                var weights = onnx.add("Unsqueeze", List.of(mask, onnx.constant(List.of(2L))));
                var real = onnx.add("Mul", List.of(tokens, weights));
                yield onnx.add("Div", List.of(sum(real), sum(weights)));
            }
            case MEAN_SQRT_LEN_TOKENS -> {
                var count = onnx.add("Sqrt", List.of(sum(column(mask))));
                yield onnx.add("Div", List.of(weighted(tokens, mask), count));
            }
            case WEIGHTEDMEAN -> {
                var positions = onnx.add("Mul", List.of(positions(mask), mask));
                yield onnx.add("Div", List.of(weighted(tokens, positions), sum(column(positions))));
            }
            case LASTTOKEN -> {
                var count =
                        onnx.add(
                                "ReduceSum",
                                List.of(mask, onnx.constant(List.of(1L))),
                                attribute("keepdims", 1));
                var reached = onnx.add("Equal", List.of(positions(mask), count));
                var number = onnx.add("Cast", List.of(reached), attribute("to", OnnxProto.FLOAT));
                // Padding after the last token has reached the count, too.
                yield weighted(tokens, onnx.add("Mul", List.of(number, mask)));
            }
            case CLS -> {
                var first = onnx.constant(List.of(0L));
                var row = onnx.add("Gather", List.of(tokens, first), attribute("axis", 1));
                yield onnx.add("Squeeze", List.of(row, onnx.constant(List.of(1L))));
            }
            case MAX -> {
                var present = onnx.add("Greater", List.of(mask, onnx.constant(0.5f)));
                var wide = onnx.add("Unsqueeze", List.of(present, onnx.constant(List.of(2L))));
                var lowest = onnx.constant(Float.NEGATIVE_INFINITY);
                yield onnx.add(
                        "ReduceMax",
                        List.of(onnx.add("Where", List.of(wide, tokens, lowest))),
                        attribute("axes", List.of(1L)),
                        attribute("keepdims", 0));
            }
        };
    }

    /** The number of tokens up to each, itself included: {@code [B, S]}. */
    private String positions(String mask) {
        return onnx.add("CumSum", List.of(mask, onnx.scalar(1)));
    }

    /** The sum over all tokens, each times its weight of {@code [B, S]}. */
    private String weighted(String tokens, String weights) {
        return sum(onnx.add("Mul", List.of(tokens, column(weights))));
    }

    private String column(String weights) {
        return onnx.add("Unsqueeze", List.of(weights, onnx.constant(List.of(2L))));
    }

    /** Over all tokens. */
    private String sum(String value) {
        return onnx.add(
                "ReduceSum", List.of(value, onnx.constant(List.of(1L))), attribute("keepdims", 0));
    }

    private String dense(Dense layer, String prefix, String input) {
        var product = product(prefix + "linear.weight", input);
        var sum =
                layer.bias()
                        ? onnx.add("Add", List.of(product, weight(prefix + "linear.bias", false)))
                        : product;
        var output = activate(layer.activation(), sum);
        if (!layer.residual()) {
            return output;
        }
        var residual =
                layer.hasResidualLayer() ? product(prefix + "residual.weight", input) : input;
        return onnx.add("Add", List.of(output, residual));
    }

    private String product(String name, String input) {
        return onnx.add("MatMul", List.of(input, weight(name, true)));
    }

    private String weight(String name, boolean transposed) {
        return onnx.weight(name, weights.get(name), transposed);
    }

    private String activate(Dense.Activation activation, String input) {
        return switch (activation) {
            case IDENTITY -> input;
            case TANH -> onnx.add("Tanh", List.of(input));
            case RELU -> onnx.add("Relu", List.of(input));
            case GELU -> OnnxLayers.gelu(onnx, input);
            case SIGMOID -> onnx.add("Sigmoid", List.of(input));
            case SILU -> onnx.add("Mul", List.of(input, onnx.add("Sigmoid", List.of(input))));
        };
    }

    private String normalize(String embeddings) {
        return switch (readout.normalization()) {
            case NONE -> embeddings;
            case L2 -> {
                var norm =
                        onnx.add(
                                "ReduceL2",
                                List.of(embeddings),
                                attribute("axes", List.of(1L)),
                                attribute("keepdims", 1));
                var divisor = onnx.add("Max", List.of(norm, onnx.constant(1e-12f)));
                yield onnx.add("Div", List.of(embeddings, divisor));
            }
            case LAYER_NORM -> {
                int width = readout.withTruncateDim(null).dimensions(hiddenSize);
                yield onnx.add(
                        "LayerNormalization",
                        List.of(embeddings, onnx.constant("ones", width, 1)),
                        attribute("axis", -1),
                        attribute("epsilon", 1e-5f));
            }
        };
    }
}
