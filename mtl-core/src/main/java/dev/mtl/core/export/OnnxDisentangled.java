package dev.mtl.core.export;

import static dev.mtl.core.export.OnnxProto.attribute;

import dev.mtl.core.bert.DisentangledConfig;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What DeBERTa has that BERT has not, as ONNX operators.
 *
 * @param bert the other parts
 * @param table the normalized position table; null if attention does not see distances
 * @param index {@code [S, S]}: the row for each query and key; null like {@code table}
 */
record OnnxDisentangled(
        OnnxBert bert, DisentangledConfig layers, @Nullable String table, @Nullable String index) {
    private static final String RELATIVE = "embeddings.relative_embeddings";

    /** Adds what all layers share. */
    static OnnxDisentangled of(OnnxBert bert, DisentangledConfig layers, String length) {
        var relative = layers.relative();
        if (relative == null) {
            return new OnnxDisentangled(bert, layers, null, null);
        }
        var rows = bert.layers().weight(RELATIVE + ".weight");
        var table = relative.normalized() ? bert.norm(RELATIVE + ".LayerNorm", rows) : rows;
        int longest = bert.config().maxLength();
        var all = relative.buckets().indices(longest, 0);
        var index = bert.square(bert.onnx().constant("distances", all, longest), length);
        return new OnnxDisentangled(bert, layers, table, index);
    }

    /** By which scores are multiplied. */
    float scale(int width) {
        return (float) (1 / Math.sqrt((double) width * layers.scoreTerms()));
    }

    /**
     * Adds the products with positions to those of contents.
     *
     * @param products {@code [B, heads, S, S]}
     * @param query {@code [B, heads, S, d]}
     * @param key {@code [B, heads, d, S]}
     */
    String addPositions(String prefix, String products, String query, String key) {
        var relative = layers.relative();
        if (relative == null || table == null || index == null) {
            return products;
        }
        var shape = bert.onnx().add("Shape", List.of(products));
        var sum = products;
        if (relative.queriesToPositions()) {
            var vectors = vectors(prefix + relative.keyName());
            var byQuery = gather(bert.onnx().add("MatMul", List.of(query, vectors)), index, shape);
            sum = bert.onnx().add("Add", List.of(sum, byQuery));
        }
        if (relative.positionsToKeys()) {
            var vectors = vectors(prefix + relative.queryName());
            var order = List.of(0L, 1L, 3L, 2L);
            var rows = bert.layers().transpose(key, order);
            var mirrored = bert.layers().transpose(index, List.of(1L, 0L));
            var byKey = gather(bert.onnx().add("MatMul", List.of(rows, vectors)), mirrored, shape);
            sum = bert.onnx().add("Add", List.of(sum, bert.layers().transpose(byKey, order)));
        }
        return sum;
    }

    /** {@code [heads, d, rows]}. */
    private String vectors(String layer) {
        long heads = bert.config().numAttentionHeads();
        long width = bert.config().hiddenSize() / heads;
        var projected = bert.layers().linear(layer, true, String.valueOf(table));
        return bert.layers()
                .transpose(
                        bert.layers().reshape(projected, List.of(0L, heads, width)),
                        List.of(1L, 2L, 0L));
    }

    private String gather(String products, String index, String shape) {
        var all = bert.onnx().add("Expand", List.of(index, shape));
        return bert.onnx().add("GatherElements", List.of(products, all), attribute("axis", 3));
    }

    /**
     * Adds the convolution beside the first layer, if there is one.
     *
     * @param input of the layer, {@code [B, S, H]}
     * @param output of the layer, {@code [B, S, H]}
     * @param mask {@code [B, S]}
     */
    String convolve(String input, String output, String mask) {
        var convolution = layers.convolution();
        if (convolution == null) {
            return output;
        }
        var onnx = bert.onnx();
        var real = onnx.add("Unsqueeze", List.of(mask, onnx.constant(List.of(2L))));
        var order = List.of(0L, 2L, 1L);
        var name = "encoder.layer.0.convolution";
        long pad = convolution.width() / 2;
        var convolved =
                onnx.add(
                        "Conv",
                        List.of(
                                bert.layers()
                                        .transpose(onnx.add("Mul", List.of(input, real)), order),
                                bert.layers().weight(name + ".weight"),
                                bert.layers().weight(name + ".bias")),
                        attribute("pads", List.of(pad, pad)));
        var activated =
                bert.layers()
                        .activate(
                                convolution.activation(),
                                bert.layers().transpose(convolved, order));
        return bert.norm(name + ".LayerNorm", onnx.add("Add", List.of(output, activated)));
    }
}
