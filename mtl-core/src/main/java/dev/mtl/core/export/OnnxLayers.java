package dev.mtl.core.export;

import static dev.mtl.core.export.OnnxProto.attribute;

import dev.mtl.core.nn.Parameters;
import dev.mtl.core.transformer.layers.Activation;

import java.util.ArrayList;
import java.util.List;

/**
 * The layers that encoders are made of, as ONNX operators.
 *
 * @param weights by Hugging Face's names for BERT, FLOAT32
 */
record OnnxLayers(OnnxModel onnx, Parameters weights) {
    String add(String a, String b) {
        return onnx.add("Add", List.of(a, b));
    }

    String multiply(String a, String b) {
        return onnx.add("Mul", List.of(a, b));
    }

    /** The rows of a table at indices. */
    String look(String table, String indices) {
        return onnx.add("Gather", List.of(weight(table), indices));
    }

    /** A weight as it is. */
    String weight(String name) {
        return onnx.weight(name, weights.get(name), false);
    }

    /** A linear layer: {@code [..., in]} to {@code [..., out]}. */
    String linear(String layer, boolean bias, String input) {
        var product = product(layer + ".weight", input);
        return bias ? add(product, weight(layer + ".bias")) : product;
    }

    /** The same with a bias, by the names of its parameters. */
    String linear(String weight, String bias, String input) {
        return add(product(weight, input), weight(bias));
    }

    private String product(String name, String input) {
        return onnx.add("MatMul", List.of(input, onnx.weight(name, weights.get(name), true)));
    }

    String layerNorm(String layer, boolean bias, double eps, String input) {
        var inputs = new ArrayList<>(List.of(input, weight(layer + ".weight")));
        if (bias) {
            inputs.add(weight(layer + ".bias"));
        }
        return onnx.add(
                "LayerNormalization",
                inputs,
                attribute("axis", -1),
                attribute("epsilon", (float) eps));
    }

    /** Division by the root of the mean square. */
    String rmsNorm(String layer, double eps, String input) {
        var mean =
                onnx.add(
                        "ReduceMean",
                        List.of(multiply(input, input)),
                        attribute("axes", List.of(-1L)),
                        attribute("keepdims", 1));
        var root = onnx.add("Sqrt", List.of(add(mean, onnx.constant((float) eps))));
        return multiply(onnx.add("Div", List.of(input, root)), weight(layer + ".weight"));
    }

    /**
     * {@code softmax(products * scale + bias) v} by head.
     *
     * @param products of queries and keys, {@code [B, heads, S, S]}
     * @param bias broadcast to the same shape
     * @param value {@code [B, heads, S, d]}
     * @param hidden {@code heads * d}
     * @return {@code [B, S, heads * d]}
     */
    String attend(String products, float scale, String bias, String value, long hidden) {
        var scores = add(multiply(products, onnx.constant(scale)), bias);
        var shares = onnx.add("Softmax", List.of(scores), attribute("axis", -1));
        var context = onnx.add("MatMul", List.of(shares, value));
        return reshape(transpose(context, List.of(0L, 2L, 1L, 3L)), List.of(0L, 0L, hidden));
    }

    /** {@code [B, S, heads * d]} to {@code [B, heads, S, d]}. */
    String byHead(String tokens, long heads, long width) {
        return byHead(tokens, heads, width, List.of(0L, 2L, 1L, 3L));
    }

    /** The same as {@code [B, heads, d, S]}. */
    String turnedByHead(String tokens, long heads, long width) {
        return byHead(tokens, heads, width, List.of(0L, 2L, 3L, 1L));
    }

    private String byHead(String tokens, long heads, long width, List<Long> order) {
        return transpose(reshape(tokens, List.of(0L, 0L, heads, width)), order);
    }

    String transpose(String value, List<Long> order) {
        return onnx.add("Transpose", List.of(value), attribute("perm", order));
    }

    /**
     * Gives a value another shape.
     *
     * @param sizes 0 for a dimension that keeps its size, -1 for one that follows
     */
    String reshape(String value, List<Long> sizes) {
        return onnx.add("Reshape", List.of(value, onnx.constant(sizes)));
    }

    /** A part of one dimension. */
    String slice(String value, long from, long to, long dimension) {
        return onnx.add(
                "Slice",
                List.of(
                        value,
                        onnx.constant(List.of(from)),
                        onnx.constant(List.of(to)),
                        onnx.constant(List.of(dimension))));
    }

    String unsqueeze(String value, long... dimensions) {
        var all = new ArrayList<Long>();
        for (long dimension : dimensions) {
            all.add(dimension);
        }
        return onnx.add("Unsqueeze", List.of(value, onnx.constant(all)));
    }

    /** S, as a tensor of one element. */
    String length(String ids) {
        return onnx.add("Shape", List.of(ids), attribute("start", 1), attribute("end", 2));
    }

    String activate(Activation activation, String input) {
        return switch (activation) {
            case RELU -> onnx.add("Relu", List.of(input));
            case SILU -> multiply(input, onnx.add("Sigmoid", List.of(input)));
            case GELU -> gelu(onnx, input);
            case GELU_TANH -> {
                var cube = multiply(multiply(input, input), input);
                var sum = add(input, multiply(cube, onnx.constant(0.044715f)));
                var scale = onnx.constant((float) Math.sqrt(2 / Math.PI));
                yield gelu(onnx, input, onnx.add("Tanh", List.of(multiply(sum, scale))));
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
