package dev.mtl.core.internal;

import com.google.protobuf.CodedInputStream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads protobuf messages field by field, without generated classes. */
public final class WireTags {
    /** Wire types: the last three bits of a tag, whose other bits are the number of the field. */
    public static final int VARINT = 0;

    public static final int BYTES = 2;
    public static final int FIXED32 = 5;

    private static final int START_GROUP = 3;
    private static final int END_GROUP = 4;

    private WireTags() {}

    /** Reads the field of a tag, or skips it. */
    @FunctionalInterface
    public interface FieldReader {
        void read(int tag) throws IOException;
    }

    /**
     * Reads an embedded message without copying it.
     *
     * @throws IOException if the file ends inside of it
     */
    public static void message(CodedInputStream input, FieldReader fields) throws IOException {
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

    /**
     * Reads a string.
     *
     * @param most bytes
     * @throws IOException if it is longer, or not UTF-8
     */
    public static String string(CodedInputStream input, int most) throws IOException {
        int length = input.readRawVarint32();
        if (length < 0 || length > most) {
            throw new IOException("it has a name of " + length + " bytes");
        }
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(input.readRawBytes(length)))
                .toString();
    }

    /**
     * Skips an unknown field.
     *
     * @param known the fields that the reader handles; they come here only with a wrong wire type
     * @throws IOException for a known field, which would be misread, or for a group, which these
     *     formats do not have
     */
    public static void skip(CodedInputStream input, int tag, int... known) throws IOException {
        var field = tag >>> 3;
        var type = tag & 7;
        for (var number : known) {
            if (field == number) {
                throw new IOException("field " + field + " has the wrong wire type " + type);
            }
        }
        if (type == START_GROUP || type == END_GROUP) {
            throw new IOException("field " + field + " is a group");
        }
        input.skipField(tag);
    }
}
