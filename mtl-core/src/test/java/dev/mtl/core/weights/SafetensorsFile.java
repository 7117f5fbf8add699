package dev.mtl.core.weights;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A safetensors file made by hand, right or wrong.
 *
 * @param name what is wrong with it
 * @param length what the first eight bytes say
 */
record SafetensorsFile(String name, long length, byte[] header, byte[] data, String reason) {

    /** The header in JSON with {@code '} for {@code "}, its length as it is. */
    static SafetensorsFile of(String name, String header, int dataBytes, String reason) {
        var text = header.replace('\'', '"').getBytes(UTF_8);
        return new SafetensorsFile(name, text.length, text, new byte[dataBytes], reason);
    }

    /** The header's bytes one by one, for what UTF-8 cannot write. */
    static SafetensorsFile ofBytes(String name, String header, int dataBytes, String reason) {
        var text = header.replace('\'', '"').getBytes(ISO_8859_1);
        return new SafetensorsFile(name, text.length, text, new byte[dataBytes], reason);
    }

    /** The same bytes with another length before them. */
    SafetensorsFile withLength(long other) {
        return new SafetensorsFile(name, other, header, data, reason);
    }

    Path write(Path file) throws IOException {
        var buffer =
                ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        return Files.write(file, buffer.putLong(length).put(header).put(data).array());
    }

    @Override
    public String toString() {
        return name;
    }
}
