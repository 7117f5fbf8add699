package dev.mtl.core.weights;

import com.google.protobuf.CodedInputStream;

import dev.mtl.torch.DType;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parts of an ONNX model that hold weights: where each initializer's bytes lie in the file, and
 * which initializer each MatMul node multiplies with.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>
 */
final class OnnxGraph {

    /**
     * A {@code TensorProto}.
     *
     * @param dtype null for a type that has no counterpart here
     * @param region null where the values are not stored as one run of bytes in this file
     */
    record Initializer(
            String name,
            @Nullable DType dtype,
            List<Long> shape,
            @Nullable FileRegion region,
            boolean external) {}

    final List<Initializer> initializers = new ArrayList<>();

    /** Initializer or input name by node name, such as {@code /encoder/layer.0/.../MatMul}. */
    final Map<String, String> matMulWeights = new LinkedHashMap<>();

    private final CodedInputStream input;

    private OnnxGraph(CodedInputStream input) {
        this.input = input;
    }

    /** Reads a {@code ModelProto}: graph = 7. */
    static OnnxGraph read(CodedInputStream input) throws IOException {
        input.setSizeLimit(Integer.MAX_VALUE);
        var graph = new OnnxGraph(input);
        for (var tag = input.readTag(); tag != 0; tag = input.readTag()) {
            if (tag >>> 3 == 7) {
                graph.message(graph::graphField);
            } else {
                input.skipField(tag);
            }
        }
        return graph;
    }

    @FunctionalInterface
    private interface FieldReader {
        void read(int tag) throws IOException;
    }

    /** Reads an embedded message, field by field, without copying it. */
    private void message(FieldReader fields) throws IOException {
        var limit = input.pushLimit(input.readRawVarint32());
        for (var tag = input.readTag(); tag != 0; tag = input.readTag()) {
            fields.read(tag);
        }
        input.checkLastTagWas(0);
        if (input.getBytesUntilLimit() > 0) {
            throw new IOException("the file ends inside a message");
        }
        input.popLimit(limit);
    }

    /** {@code GraphProto}: node = 1, initializer = 5. */
    private void graphField(int tag) throws IOException {
        switch (tag >>> 3) {
            case 1 -> node();
            case 5 -> initializer();
            default -> input.skipField(tag);
        }
    }

    /** {@code NodeProto}: input = 1, name = 3, op_type = 4. */
    private void node() throws IOException {
        var inputs = new ArrayList<String>();
        var name = new StringBuilder();
        var type = new StringBuilder();
        message(
                tag -> {
                    switch (tag >>> 3) {
                        case 1 -> inputs.add(input.readString());
                        case 3 -> name.append(input.readString());
                        case 4 -> type.append(input.readString());
                        default -> input.skipField(tag);
                    }
                });
        if (type.toString().equals("MatMul") && inputs.size() == 2) {
            matMulWeights.put(name.toString(), inputs.get(1));
        }
    }

    private void initializer() throws IOException {
        var tensor = new TensorFields();
        message(tensor::read);
        initializers.add(
                new Initializer(
                        tensor.name, tensor.dtype, tensor.dims, tensor.region, tensor.external));
    }

    /**
     * {@code TensorProto}: dims = 1, data_type = 2, float_data = 4, name = 8, raw_data = 9,
     * data_location = 14.
     */
    private final class TensorFields {
        private final List<Long> dims = new ArrayList<>();
        private String name = "";
        private @Nullable DType dtype;
        private @Nullable FileRegion region;
        private boolean external;

        private void read(int tag) throws IOException {
            var packed = (tag & 7) == 2;
            switch (tag >>> 3) {
                case 1 -> dims(packed);
                case 2 -> dtype = type(input.readInt32());
                case 8 -> name = input.readString();
                case 9 -> region = skipBytes();
                case 14 -> external = input.readEnum() == 1;
                case 4 -> {
                    // Packed floats are the same bytes as raw data.
                    if (packed) {
                        region = skipBytes();
                    } else {
                        input.skipField(tag);
                    }
                }
                default -> input.skipField(tag);
            }
        }

        private void dims(boolean packed) throws IOException {
            if (!packed) {
                dims.add(input.readInt64());
                return;
            }
            var limit = input.pushLimit(input.readRawVarint32());
            while (input.getBytesUntilLimit() > 0) {
                dims.add(input.readInt64());
            }
            input.popLimit(limit);
        }

        private FileRegion skipBytes() throws IOException {
            var length = input.readRawVarint32();
            var offset = input.getTotalBytesRead();
            input.skipRawBytes(length);
            return new FileRegion(offset, length);
        }
    }

    /** {@code TensorProto.DataType}. */
    private static @Nullable DType type(int number) {
        return switch (number) {
            case 1 -> DType.FLOAT32;
            case 2 -> DType.UINT8;
            case 3 -> DType.INT8;
            case 5 -> DType.INT16;
            case 6 -> DType.INT32;
            case 7 -> DType.INT64;
            case 9 -> DType.BOOL;
            case 10 -> DType.FLOAT16;
            case 11 -> DType.FLOAT64;
            case 16 -> DType.BFLOAT16;
            default -> null;
        };
    }
}
