package dev.mtl.core.export;

import com.google.protobuf.CodedOutputStream;

import dev.mtl.core.internal.ProtobufMessage;
import dev.mtl.core.internal.ProtobufMessage.Fields;

import java.io.IOException;
import java.util.List;

/**
 * The messages of an ONNX file. The numbers are field numbers of {@code onnx.proto}.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>
 */
final class OnnxProto {
    static final int FLOAT = 1;
    static final int INT64 = 7;

    private OnnxProto() {}

    /** An integer attribute. */
    static Fields attribute(String name, long number) {
        return output -> {
            output.writeString(1, name);
            output.writeInt64(3, number);
            output.writeEnum(20, 2);
        };
    }

    /** A floating-point attribute. */
    static Fields attribute(String name, float number) {
        return output -> {
            output.writeString(1, name);
            output.writeFloat(2, number);
            output.writeEnum(20, 1);
        };
    }

    /** An attribute that is a list of integers. */
    static Fields attribute(String name, List<Long> numbers) {
        return output -> {
            output.writeString(1, name);
            for (long number : numbers) {
                output.writeInt64(8, number);
            }
            output.writeEnum(20, 7);
        };
    }

    /** A TensorProto without {@code raw_data}. */
    static byte[] tensor(String name, int type, List<Long> shape) {
        return ProtobufMessage.of(
                output -> {
                    for (long size : shape) {
                        output.writeInt64(1, size);
                    }
                    output.writeInt32(2, type);
                    output.writeString(8, name);
                });
    }

    /** A NodeProto with one result; the node has the result's name. */
    static byte[] node(
            String operator, String result, List<String> arguments, List<Fields> attributes) {
        return ProtobufMessage.of(
                output -> {
                    for (var argument : arguments) {
                        output.writeString(1, argument);
                    }
                    output.writeString(2, result);
                    output.writeString(3, result);
                    output.writeString(4, operator);
                    for (var attribute : attributes) {
                        output.writeByteArray(5, ProtobufMessage.of(attribute));
                    }
                });
    }

    /** A ValueInfoProto: name = 1, type = 2, of which tensor_type = 1: elem_type = 1, shape = 2. */
    static byte[] value(String name, int type, List<String> sizes) {
        Fields shape =
                output -> {
                    for (var size : sizes) {
                        output.writeByteArray(
                                1, ProtobufMessage.of(dimension -> size(dimension, size)));
                    }
                };
        Fields tensor =
                output -> {
                    output.writeInt32(1, type);
                    output.writeByteArray(2, ProtobufMessage.of(shape));
                };
        return ProtobufMessage.of(
                output -> {
                    output.writeString(1, name);
                    output.writeByteArray(
                            2,
                            ProtobufMessage.of(
                                    inner -> inner.writeByteArray(1, ProtobufMessage.of(tensor))));
                });
    }

    private static void size(CodedOutputStream output, String size) throws IOException {
        if (Character.isDigit(size.charAt(0))) {
            output.writeInt64(1, Long.parseLong(size));
        } else {
            output.writeString(2, size);
        }
    }
}
