package dev.mtl.core.internal;

import com.google.protobuf.CodedOutputStream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Serializes protobuf messages field by field, without generated classes. */
public final class ProtobufMessage {
    private ProtobufMessage() {}

    /** Writes the fields of a message; the first argument of each call is the field's number. */
    @FunctionalInterface
    public interface Fields {
        void write(CodedOutputStream output) throws IOException;
    }

    /** The message in protobuf's wire format. */
    public static byte[] of(Fields fields) {
        try {
            var bytes = new ByteArrayOutputStream();
            var output = CodedOutputStream.newInstance(bytes);
            fields.write(output);
            output.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
