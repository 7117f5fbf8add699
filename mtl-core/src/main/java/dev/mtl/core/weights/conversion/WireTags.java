package dev.mtl.core.weights.conversion;

import com.google.protobuf.CodedInputStream;

import java.io.IOException;

/** Protobuf's tags: the field number, then the wire type in the last three bits. */
final class WireTags {
    static final int VARINT = 0;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private static final int START_GROUP = 3;
    private static final int END_GROUP = 4;

    private WireTags() {}

    /**
     * Skips an unknown field.
     *
     * @param known the fields that the reader handles; they come here only with a wrong wire type
     * @throws IOException for a known field, which would be misread, or for a group, which these
     *     formats do not have
     */
    static void skip(CodedInputStream input, int tag, int... known) throws IOException {
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
