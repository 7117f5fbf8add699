package dev.mtl.core.weights.conversion;

import com.google.protobuf.CodedInputStream;

import dev.mtl.core.internal.WireTags;
import dev.mtl.core.weights.FileRegion;
import dev.mtl.torch.DType;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of an ONNX model that hold weights: where each initializer's bytes are in the file, and
 * which initializer each MatMul node multiplies by.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>
 */
final class OnnxGraph {

    /**
     * A {@code TensorProto}.
     *
     * @param dtype null for a type that is not supported
     * @param region null if the values are not stored as one contiguous range of this file
     */
    record Initializer(
            String name,
            @Nullable DType dtype,
            List<Long> shape,
            @Nullable FileRegion region,
            boolean external) {}

    /**
     * A MatMul node.
     *
     * @param name such as {@code /encoder/layer.0/.../MatMul}; may be empty
     * @param weight the name of its second input
     */
    record MatMul(String name, String weight) {}

    /** LibTorch refuses tensors of more dimensions in most of its operators. */
    private static final int MAX_RANK = 64;

    /** More than any model has; a hostile file says millions in few bytes. */
    private static final int MAX_TENSORS = 100_000;

    private static final int MAX_NAME = 1 << 16;

    final List<Initializer> initializers = new ArrayList<>();

    final List<MatMul> matMuls = new ArrayList<>();

    private final CodedInputStream input;

    private OnnxGraph(CodedInputStream input) {
        this.input = input;
    }

    /** Reads a {@code ModelProto}: graph = 7. */
    static OnnxGraph read(CodedInputStream input) throws IOException {
        input.setSizeLimit(Integer.MAX_VALUE);
        var graph = new OnnxGraph(input);
        for (var tag = input.readTag(); tag != 0; tag = input.readTag()) {
            if (tag == (WireTags.BYTES | 7 << 3)) {
                graph.message(graph::graphField);
            } else {
                WireTags.skip(input, tag, 7);
            }
        }
        return graph;
    }

    private void message(WireTags.FieldReader fields) throws IOException {
        WireTags.message(input, fields);
    }

    /** {@code GraphProto}: node = 1, initializer = 5. */
    private void graphField(int tag) throws IOException {
        switch (tag) {
            case WireTags.BYTES | 1 << 3 -> node();
            case WireTags.BYTES | 5 << 3 -> initializer();
            default -> WireTags.skip(input, tag, 1, 5);
        }
    }

    /** {@code NodeProto}: input = 1, name = 3, op_type = 4. */
    private void node() throws IOException {
        var inputs = new ArrayList<String>();
        var strings = new String[] {"", ""};
        message(
                tag -> {
                    switch (tag) {
                        case WireTags.BYTES | 1 << 3 -> {
                            var name = string();
                            if (inputs.size() <= 2) {
                                inputs.add(name);
                            }
                        }
                        case WireTags.BYTES | 3 << 3 -> strings[0] = string();
                        case WireTags.BYTES | 4 << 3 -> strings[1] = string();
                        default -> WireTags.skip(input, tag, 1, 3, 4);
                    }
                });
        if (strings[1].equals("MatMul") && inputs.size() == 2) {
            requireFew(matMuls.size(), "MatMul nodes");
            matMuls.add(new MatMul(strings[0], inputs.get(1)));
        }
    }

    private static void requireFew(int count, String what) throws IOException {
        if (count == MAX_TENSORS) {
            throw new IOException("it has more than " + MAX_TENSORS + " " + what);
        }
    }

    private String string() throws IOException {
        return WireTags.string(input, MAX_NAME);
    }

    private void initializer() throws IOException {
        var tensor = new TensorFields();
        message(tensor::read);
        if (tensor.floats && tensor.dtype != null && tensor.dtype != DType.FLOAT32) {
            throw new IOException("'" + tensor.name + "' has floats but is of another type");
        }
        requireFew(initializers.size(), "tensors");
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

        /** Whether the values are in {@code float_data}, which only floats use. */
        private boolean floats;

        private void read(int tag) throws IOException {
            switch (tag) {
                case WireTags.VARINT | 1 << 3 -> add(input.readInt64());
                case WireTags.BYTES | 1 << 3 -> packedDims();
                case WireTags.VARINT | 2 << 3 -> dtype = type(input.readInt32());
                case WireTags.BYTES | 8 << 3 -> name = string();
                case WireTags.BYTES | 9 << 3 -> values(false);
                case WireTags.VARINT | 14 << 3 -> external = input.readEnum() == 1;
                // Packed floats have the same bytes as raw data.
                case WireTags.BYTES | 4 << 3 -> values(true);
                // Unpacked floats, each with a tag, have not.
                case WireTags.FIXED32 | 4 << 3 -> input.skipField(tag);
                default -> WireTags.skip(input, tag, 1, 2, 4, 8, 9, 14);
            }
        }

        private void add(long size) throws IOException {
            if (dims.size() == MAX_RANK) {
                throw new IOException("a tensor of more than " + MAX_RANK + " dimensions");
            }
            dims.add(size);
        }

        private void packedDims() throws IOException {
            var limit = input.pushLimit(input.readRawVarint32());
            while (input.getBytesUntilLimit() > 0) {
                add(input.readInt64());
            }
            input.popLimit(limit);
        }

        private void values(boolean asFloats) throws IOException {
            if (region != null) {
                throw new IOException("a tensor has its values both as raw data and as floats");
            }
            var length = input.readRawVarint32();
            var offset = input.getTotalBytesRead();
            input.skipRawBytes(length);
            region = new FileRegion(offset, length);
            floats = asFloats;
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
