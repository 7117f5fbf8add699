package dev.mtl.core.weights.conversion;

import com.google.protobuf.CodedOutputStream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes ONNX models that consist of initializers and MatMul nodes, for tests. */
public final class TinyOnnx {
    private final ByteArrayOutputStream graph = new ByteArrayOutputStream();

    /** How the values of an initializer are stored. */
    enum Storage {
        RAW,
        PACKED_FLOATS,
        EXTERNAL
    }

    /** Adds an initializer of 32-bit floats, as raw data. */
    public TinyOnnx add(String name, float[] values, long... shape) throws IOException {
        return add(Storage.RAW, 1, name, values, shape);
    }

    TinyOnnx add(Storage storage, int type, String name, float[] values, long... shape)
            throws IOException {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        field(
                graph,
                5,
                tensor -> {
                    for (var size : shape) {
                        tensor.writeInt64(1, size);
                    }
                    tensor.writeInt32(2, type);
                    tensor.writeString(8, name);
                    switch (storage) {
                        case RAW -> tensor.writeByteArray(9, bytes.array());
                        case PACKED_FLOATS -> tensor.writeByteArray(4, bytes.array());
                        case EXTERNAL -> tensor.writeEnum(14, 1);
                    }
                });
        return this;
    }

    /** Adds a MatMul node with an anonymous right-hand side of shape {@code [in, out]}. */
    public TinyOnnx matMul(String node, String weight, float[] values, long in, long out)
            throws IOException {
        add(weight, values, in, out);
        field(
                graph,
                1,
                message -> {
                    message.writeString(1, "hidden");
                    message.writeString(1, weight);
                    message.writeString(2, "product");
                    message.writeString(3, node);
                    message.writeString(4, "MatMul");
                });
        return this;
    }

    /** Writes the model and gives its path. */
    public Path write(Path file) throws IOException {
        var model = new ByteArrayOutputStream();
        var output = CodedOutputStream.newInstance(model);
        output.writeInt64(1, 6);
        output.writeString(2, "tests");
        output.writeByteArray(7, graph.toByteArray());
        output.flush();
        return Files.write(file, model.toByteArray());
    }

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream output) throws IOException;
    }

    private static void field(ByteArrayOutputStream target, int number, Fields fields)
            throws IOException {
        var message = new ByteArrayOutputStream();
        var inner = CodedOutputStream.newInstance(message);
        fields.write(inner);
        inner.flush();
        var outer = CodedOutputStream.newInstance(target);
        outer.writeByteArray(number, message.toByteArray());
        outer.flush();
    }
}
