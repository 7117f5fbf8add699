package dev.mtl.core.weights.conversion;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A BERT of one layer in the forms that other frameworks give it, for tests: hidden size 2,
 * intermediate size 3, 6 pieces, 4 positions. Every matrix but the embeddings holds 0, 1, 2, ... in
 * the order of Hugging Face's layout {@code [out, in]}.
 */
public final class TinyBert {
    public static final List<String> PIECES =
            List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a");

    private static final List<String> DENSE =
            List.of(
                    "attention/self/query",
                    "attention/self/key",
                    "attention/self/value",
                    "attention/output/dense",
                    "intermediate/dense",
                    "output/dense");

    private TinyBert() {}

    /** As PyTorch exports it. */
    public static Path onnx(Path file) throws IOException {
        var onnx =
                new TinyOnnx()
                        .add("embeddings.position_ids", new float[4], 1, 4)
                        .add("embeddings.word_embeddings.weight", count(12), 6, 2)
                        .add("embeddings.position_embeddings.weight", count(8), 4, 2)
                        .add("embeddings.token_type_embeddings.weight", count(4), 2, 2)
                        .add("embeddings.LayerNorm.weight", count(2), 2)
                        .add("embeddings.LayerNorm.bias", count(2), 2);
        for (var dense : DENSE) {
            var name = "encoder.layer.0." + dense.replace('/', '.');
            onnx.add(name + ".bias", count(out(dense)), out(dense));
            onnx.matMul(
                    "/encoder/layer.0/" + dense + "/MatMul",
                    "onnx::MatMul_" + dense.hashCode(),
                    kernel(dense),
                    in(dense),
                    out(dense));
        }
        onnx.add("encoder.layer.0.attention.output.LayerNorm.weight", count(2), 2);
        onnx.add("encoder.layer.0.attention.output.LayerNorm.bias", count(2), 2);
        onnx.add("encoder.layer.0.output.LayerNorm.weight", count(2), 2);
        onnx.add("encoder.layer.0.output.LayerNorm.bias", count(2), 2);
        return onnx.write(file);
    }

    /** As Google published it. */
    public static Path bundle(Path folder) throws IOException {
        return bundle().write(folder);
    }

    static TinyBundle bundle() throws IOException {
        var bundle =
                new TinyBundle()
                        .add("module/cls/predictions/output_bias", count(6), 6)
                        .add("module/bert/embeddings/word_embeddings", count(12), 6, 2)
                        .add("module/bert/embeddings/position_embeddings", count(8), 4, 2)
                        .add("module/bert/embeddings/token_type_embeddings", count(4), 2, 2)
                        .add("module/bert/embeddings/LayerNorm/gamma", count(2), 2)
                        .add("module/bert/embeddings/LayerNorm/beta", count(2), 2);
        var layer = "module/bert/encoder/layer_0/";
        for (var dense : DENSE) {
            bundle.add(layer + dense + "/bias", count(out(dense)), out(dense));
            bundle.add(layer + dense + "/kernel", kernel(dense), in(dense), out(dense));
        }
        bundle.add(layer + "attention/output/LayerNorm/gamma", count(2), 2);
        bundle.add(layer + "attention/output/LayerNorm/beta", count(2), 2);
        bundle.add(layer + "output/LayerNorm/gamma", count(2), 2);
        bundle.add(layer + "output/LayerNorm/beta", count(2), 2);
        return bundle;
    }

    private static int in(String dense) {
        return dense.equals("output/dense") ? 3 : 2;
    }

    private static int out(String dense) {
        return dense.equals("intermediate/dense") ? 3 : 2;
    }

    /** {@code [in, out]}, so that the transposed matrix counts up. */
    private static float[] kernel(String dense) {
        var values = new float[in(dense) * out(dense)];
        for (var i = 0; i < in(dense); i++) {
            for (var o = 0; o < out(dense); o++) {
                values[i * out(dense) + o] = o * in(dense) + i;
            }
        }
        return values;
    }

    static float[] count(int length) {
        var values = new float[length];
        for (var i = 0; i < length; i++) {
            values[i] = i;
        }
        return values;
    }
}
