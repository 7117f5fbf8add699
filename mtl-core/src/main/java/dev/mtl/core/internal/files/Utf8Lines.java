package dev.mtl.core.internal.files;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads a stream of UTF-8 line by line: lines end with LF or CRLF, the last line end is optional,
 * and a byte-order mark at the beginning is dropped. Malformed UTF-8 is reported with its line, and
 * does not end the reading.
 */
public final class Utf8Lines {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long number;
    private long consumed;

    /**
     * A line without its end.
     *
     * @param text with U+FFFD in place of malformed bytes
     * @param isUtf8 whether all bytes were valid UTF-8
     */
    public record Line(String text, boolean isUtf8) {}

    /** Reads from a stream; the caller closes it. */
    public Utf8Lines(InputStream in) {
        this.in = in;
    }

    /** The next line; null at the end of the stream. */
    public @Nullable Line next() throws IOException {
        var line = new ByteArrayOutputStream();
        boolean any = false;
        while (fill()) {
            any = true;
            int start = position;
            while (position < limit && buffer[position] != '\n') {
                position++;
            }
            line.write(buffer, start, position - start);
            if (position < limit) {
                position++;
                break;
            }
        }
        return any ? decode(line.toByteArray()) : null;
    }

    /** The number of the line that {@link #next} gave last, from 1. */
    public long number() {
        return number;
    }

    /** Bytes of all lines so far, line ends included. */
    public long consumed() {
        return consumed;
    }

    /** Whether input is available, so that {@link #next} does not wait for a line to begin. */
    public boolean ready() throws IOException {
        return position < limit || in.available() > 0;
    }

    /** A line without the byte-order mark that it may begin with in concatenated files. */
    public static String withoutMark(String line) {
        return line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line;
    }

    private boolean fill() throws IOException {
        if (position == limit) {
            position = 0;
            limit = Math.max(0, in.read(buffer));
        }
        return position < limit;
    }

    private Line decode(byte[] bytes) {
        number++;
        consumed += bytes.length + 1;
        int length = bytes.length;
        if (length > 0 && bytes[length - 1] == '\r') {
            length--;
        }
        String text;
        boolean isUtf8 = true;
        try {
            text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes, 0, length))
                            .toString();
        } catch (CharacterCodingException e) {
            text = new String(bytes, 0, length, StandardCharsets.UTF_8);
            isUtf8 = false;
        }
        return new Line(number == 1 ? withoutMark(text) : text, isUtf8);
    }
}
