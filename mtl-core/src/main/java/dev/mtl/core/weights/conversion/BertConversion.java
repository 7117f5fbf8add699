package dev.mtl.core.weights.conversion;

import dev.mtl.core.weights.SafetensorsWriter;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.TensorSource;
import dev.mtl.core.weights.WeightFileException;
import dev.mtl.torch.DType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * A BERT checkpoint of another framework, with the tensor names and layout of Hugging Face's {@code
 * BertModel}: {@code encoder.layer.0.attention.self.query.weight} is {@code [out, in]}.
 */
public final class BertConversion {

    /** One tensor of the source, and whether it has to be transposed. */
    private record Origin(String name, boolean transposed) {}

    private final TensorSource source;
    private final Map<String, Origin> origins = new LinkedHashMap<>();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    private BertConversion(TensorSource source) {
        this.source = source;
    }

    /**
     * Google's names: {@code [module/]bert/encoder/layer_0/attention/self/query/kernel}, with
     * kernels {@code [in, out]}. Tensors outside of {@code bert/} (the pre-training heads, the
     * optimizer's state) are ignored.
     */
    public static BertConversion of(TensorFlowBundle bundle) {
        var conversion = new BertConversion(bundle);
        for (var name : bundle.tensors().keySet()) {
            var path = name.startsWith("module/") ? name.substring("module/".length()) : name;
            if (!path.startsWith("bert/") || path.matches(".*/adam_[mv]")) {
                continue;
            }
            var target =
                    path.substring("bert/".length())
                            .replace("/layer_", "/layer.")
                            .replaceFirst("/gamma$", "/weight")
                            .replaceFirst("/beta$", "/bias")
                            .replaceFirst("/kernel$", "/weight")
                            .replaceFirst("_embeddings$", "_embeddings/weight")
                            .replace('/', '.');
            conversion.add(target, name, path.endsWith("/kernel"));
        }
        return conversion.checked();
    }

    /**
     * PyTorch's exporter: embeddings, biases and LayerNorms keep their names; the matrices are
     * named by the path of the MatMul node that uses them, and are {@code [in, out]}.
     */
    public static BertConversion of(OnnxInitializers onnx) {
        var conversion = new BertConversion(onnx);
        for (var name : onnx.tensors().keySet()) {
            if (name.matches("(embeddings|encoder|pooler)\\..*\\.(weight|bias)")) {
                conversion.add(name, name, false);
            }
        }
        onnx.matMulWeights()
                .forEach(
                        (node, name) -> {
                            var path = node.replaceFirst("^/", "").replaceFirst("/MatMul$", "");
                            var target = path.replace('/', '.') + ".weight";
                            if (target.matches("(encoder|pooler)\\..*")) {
                                conversion.add(target, name, true);
                            }
                        });
        return conversion.checked();
    }

    private void add(String target, String name, boolean transposed) {
        var info = source.info(name);
        var shape = info.shape();
        if (info.bytes() == 0) {
            throw new WeightFileException(source.file(), info + " has no values");
        }
        if (transposed) {
            if (shape.length != 2 || info.dtype() != DType.FLOAT32) {
                throw new WeightFileException(source.file(), info + " must be a FLOAT32 matrix");
            }
            shape = new long[] {shape[1], shape[0]};
        }
        if (origins.put(target, new Origin(name, transposed)) != null) {
            throw new WeightFileException(source.file(), "has '" + target + "' twice");
        }
        tensors.put(target, new TensorInfo(target, info.dtype(), shape));
    }

    private BertConversion checked() {
        for (var name :
                new String[] {
                    "embeddings.word_embeddings.weight",
                    "embeddings.LayerNorm.weight",
                    "encoder.layer.0.attention.self.query.weight",
                    "encoder.layer.0.output.dense.weight"
                }) {
            if (!tensors.containsKey(name)) {
                throw new WeightFileException(
                        source.file(), "is not a BERT: it has no tensor for '" + name + "'");
            }
        }
        return this;
    }

    /** The tensors under Hugging Face's names, with Hugging Face's shapes. */
    public Map<String, TensorInfo> tensors() {
        return Map.copyOf(tensors);
    }

    /** The elements of one of {@link #tensors}, row-major and little-endian, as a new buffer. */
    public ByteBuffer read(String name) {
        var origin = origins.get(name);
        if (origin == null) {
            throw new WeightFileException(source.file(), "has no tensor for '" + name + "'");
        }
        var elements = source.read(origin.name());
        return origin.transposed()
                ? transpose(elements, Objects.requireNonNull(tensors.get(name)))
                : elements;
    }

    /**
     * Writes all tensors as a safetensors file; {@code progress} is told the number of bytes of
     * each tensor as it is written.
     *
     * @throws WeightFileException if the source is damaged or the file cannot be written
     */
    public void write(Path file, LongConsumer progress) {
        SafetensorsWriter.write(
                file,
                tensors.values(),
                SafetensorsWriter.PYTORCH,
                tensor -> {
                    var elements = read(tensor.name());
                    progress.accept(tensor.bytes());
                    return elements;
                });
    }

    /** Transposes {@code [in, out]} to {@code [out, in]}; elements have four bytes. */
    private static ByteBuffer transpose(ByteBuffer elements, TensorInfo result) {
        var rows = Math.toIntExact(result.size(0));
        var columns = Math.toIntExact(result.size(1));
        var from = elements.asIntBuffer();
        var buffer = ByteBuffer.allocate(elements.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        var to = buffer.asIntBuffer();
        // Tiles of 16 keep both matrices' cache lines in use.
        var tile = 16;
        for (var row = 0; row < rows; row += tile) {
            var lastRow = Math.min(row + tile, rows);
            for (var column = 0; column < columns; column += tile) {
                var lastColumn = Math.min(column + tile, columns);
                for (var r = row; r < lastRow; r++) {
                    for (var c = column; c < lastColumn; c++) {
                        to.put(r * columns + c, from.get(c * rows + r));
                    }
                }
            }
        }
        return buffer;
    }
}
