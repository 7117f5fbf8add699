package dev.mtl.core.export;

import static dev.mtl.core.export.OnnxProto.attribute;

import dev.mtl.core.pooling.modules.Readout;

import java.util.List;

/** {@link Readout} as ONNX operators. */
record OnnxReadout(OnnxModel onnx, Readout readout, int hiddenSize) {

    /**
     * Adds pooling and normalization.
     *
     * @param tokens {@code [B, S, H]}
     * @param mask {@code [B, S]}: 1 for a real token, 0 for padding, FLOAT32
     * @return {@code [B, H]}
     */
    String forward(String tokens, String mask) {
        return normalize(pool(tokens, mask));
    }

    private String pool(String tokens, String mask) {
        return switch (readout.pooling()) {
            case MEAN -> {
                var weights = onnx.add("Unsqueeze", List.of(mask, onnx.constant(List.of(2L))));
                var real = onnx.add("Mul", List.of(tokens, weights));
                yield onnx.add("Div", List.of(sum(real), sum(weights)));
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

    /** Over all tokens. */
    private String sum(String value) {
        return onnx.add(
                "ReduceSum", List.of(value, onnx.constant(List.of(1L))), attribute("keepdims", 0));
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
            case LAYER_NORM ->
                    onnx.add(
                            "LayerNormalization",
                            List.of(embeddings, onnx.constant("ones", hiddenSize, 1)),
                            attribute("axis", -1),
                            attribute("epsilon", 1e-5f));
        };
    }
}
