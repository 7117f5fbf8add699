package dev.mtl.core.export;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.ProtobufMessage;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * An ONNX model under construction, one operator after the other. Values are identified by name.
 */
final class OnnxModel {
    /** The opset version: the first one with LayerNormalization. */
    static final int OPSET = 17;

    private static final int IR_VERSION = 8; // of ONNX 1.12, which brought opset 17
    private static final int NODE = 1;
    private static final int INITIALIZER = 5;
    private static final int INPUT = 11;
    private static final int OUTPUT = 12;
    private static final int MARGIN = 1 << 20; // what else is in the file

    private final List<byte[]> nodes = new ArrayList<>();
    private final Map<String, Initializer> initializers = new LinkedHashMap<>();
    private final List<byte[]> inputs = new ArrayList<>();
    private final List<byte[]> outputs = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private int values;

    /** A weight or a constant: a TensorProto whose last field has the elements. */
    private record Initializer(byte[] head, int bytes, Supplier<ByteBuffer> elements) {
        private static final int RAW_DATA = 9;

        int size() {
            return head.length
                    + CodedOutputStream.computeTagSize(RAW_DATA)
                    + CodedOutputStream.computeUInt32SizeNoTag(bytes)
                    + bytes;
        }

        void write(CodedOutputStream output) throws IOException {
            output.writeRawBytes(head);
            output.writeByteBuffer(RAW_DATA, elements.get());
        }
    }

    /** Adds an INT64 input with dynamic, named dimensions. */
    String input(String name, List<String> sizes) {
        inputs.add(OnnxProto.value(name, OnnxProto.INT64, sizes));
        return name;
    }

    /**
     * Makes a value an output.
     *
     * @param sizes the names of dynamic dimensions, the digits of fixed ones
     */
    void output(String name, String from, List<String> sizes) {
        nodes.add(OnnxProto.node("Identity", name, List.of(from), List.of()));
        outputs.add(OnnxProto.value(name, OnnxProto.FLOAT, sizes));
    }

    /** Adds an entry to the file's metadata. */
    void metadata(String key, String text) {
        metadata.put(key, text);
    }

    /** Adds an operator and returns the name of its result. */
    String add(String operator, List<String> arguments, ProtobufMessage.Fields... attributes) {
        var name = operator + "_" + values++;
        nodes.add(OnnxProto.node(operator, name, arguments, List.of(attributes)));
        return name;
    }

    /** Adds an INT64 vector, {@code [n]}. */
    String constant(List<Long> numbers) {
        var bytes = buffer(Long.BYTES * numbers.size());
        numbers.forEach(bytes::putLong);
        return constant("int64" + numbers, OnnxProto.INT64, List.of((long) numbers.size()), bytes);
    }

    /** Adds an INT64 scalar. */
    String scalar(long number) {
        var bytes = buffer(Long.BYTES).putLong(number);
        return constant("int64 " + number, OnnxProto.INT64, List.of(), bytes);
    }

    /** Adds a scalar. */
    String constant(float number) {
        var bytes = buffer(Float.BYTES).putFloat(number);
        return constant("float[" + number + "]", OnnxProto.FLOAT, List.of(), bytes);
    }

    /** Adds a vector of equal elements, {@code [count]}. */
    String constant(String name, int count, float number) {
        var bytes = buffer(Float.BYTES * count);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(number);
        }
        return constant(name, OnnxProto.FLOAT, List.of((long) count), bytes);
    }

    /** Adds a vector. */
    String constant(String name, float[] numbers) {
        var bytes = buffer(Float.BYTES * numbers.length);
        for (float number : numbers) {
            bytes.putFloat(number);
        }
        return constant(name, OnnxProto.FLOAT, List.of((long) numbers.length), bytes);
    }

    /** Adds a square matrix. */
    String constant(String name, long[] numbers, long size) {
        var bytes = buffer(Long.BYTES * numbers.length);
        LongStream.of(numbers).forEach(bytes::putLong);
        return constant(name, OnnxProto.INT64, List.of(size, size), bytes);
    }

    private String constant(String name, int type, List<Long> shape, ByteBuffer bytes) {
        initializers.put(
                name,
                new Initializer(
                        OnnxProto.tensor(name, type, shape), bytes.capacity(), () -> bytes));
        return name;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Adds a weight, which is read when the file is written.
     *
     * @param tensor FLOAT32
     * @param transposed whether to transpose it
     */
    String weight(String name, Tensor tensor, boolean transposed) {
        var shape = new ArrayList<Long>();
        for (long size : tensor.shape()) {
            shape.add(size);
        }
        long bytes = shape.stream().reduce(4L, (a, b) -> a * b);
        if (bytes > Integer.MAX_VALUE) {
            throw tooLarge(bytes);
        }
        var written = transposed ? shape.reversed() : shape;
        initializers.put(
                name,
                new Initializer(
                        OnnxProto.tensor(name, OnnxProto.FLOAT, written),
                        (int) bytes,
                        () -> elements(tensor, transposed, (int) bytes)));
        return name;
    }

    private static ByteBuffer elements(Tensor tensor, boolean transposed, int bytes) {
        try (var _ = TensorScope.open()) {
            var buffer = buffer(bytes);
            (transposed ? tensor.transpose(0, 1) : tensor).copyTo(buffer);
            return buffer;
        }
    }

    /**
     * Writes the file, one weight after the other.
     *
     * @throws MtlException if it would have 2 GiB or more, which protobuf cannot read
     */
    void write(Path file, String graph) throws IOException {
        long size = CodedOutputStream.computeStringSize(2, graph);
        for (var part : List.of(nodes, inputs, outputs)) {
            for (var bytes : part) {
                size += CodedOutputStream.computeByteArraySize(OUTPUT, bytes);
            }
        }
        for (var initializer : initializers.values()) {
            size +=
                    CodedOutputStream.computeTagSize(INITIALIZER)
                            + CodedOutputStream.computeUInt32SizeNoTag(initializer.size())
                            + initializer.size();
        }
        if (size > Integer.MAX_VALUE - MARGIN) {
            throw tooLarge(size);
        }
        try (var stream = new BufferedOutputStream(Files.newOutputStream(file))) {
            var output = CodedOutputStream.newInstance(stream);
            output.writeInt64(1, IR_VERSION);
            output.writeString(2, "mtl");
            output.writeTag(7, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            output.writeUInt32NoTag((int) size);
            writeGraph(output, graph);
            output.writeByteArray(8, ProtobufMessage.of(opset -> opset.writeInt64(2, OPSET)));
            for (var entry : metadata.entrySet()) {
                output.writeByteArray(
                        14,
                        ProtobufMessage.of(
                                pair -> {
                                    pair.writeString(1, entry.getKey());
                                    pair.writeString(2, entry.getValue());
                                }));
            }
            output.flush();
        }
    }

    private void writeGraph(CodedOutputStream output, String graph) throws IOException {
        for (var node : nodes) {
            output.writeByteArray(NODE, node);
        }
        output.writeString(2, graph);
        for (var initializer : initializers.values()) {
            output.writeTag(INITIALIZER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            output.writeUInt32NoTag(initializer.size());
            initializer.write(output);
        }
        for (var input : inputs) {
            output.writeByteArray(INPUT, input);
        }
        for (var result : outputs) {
            output.writeByteArray(OUTPUT, result);
        }
    }

    private static MtlException tooLarge(long bytes) {
        return new MtlException(
                "an ONNX file of "
                        + bytes
                        + " bytes: protobuf, its format, reads less than 2 GiB; use --to"
                        + " transformers");
    }
}
