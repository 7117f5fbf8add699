package dev.mtl.cli;

import dev.mtl.core.MtlException;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The lines of a stream of UTF-8, one after the other: LF or CRLF, with or without a byte-order
 * mark or a last line end. What is not UTF-8 is an error that names the line, never a replaced
 * character.
 */
final class Utf8Lines {
    private final InputStream in;
    private final String name;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long number;
    private long consumed;

    /**
     * Reads from a stream, which stays the caller's to close.
     *
     * @param name what errors call it
     */
    Utf8Lines(InputStream in, String name) {
        this.in = in;
        this.name = name;
    }

    /**
     * The next line without its end; null after the last.
     *
     * @throws MtlException if it is not UTF-8
     */
    @Nullable String next() throws IOException {
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

    /** The number of the last line, from 1. */
    long number() {
        return number;
    }

    /** How many bytes the lines so far have, their ends included. */
    long consumed() {
        return consumed;
    }

    /** Whether more has come already, so that {@link #next} need not wait for its beginning. */
    boolean ready() throws IOException {
        return position < limit || in.available() > 0;
    }

    private boolean fill() throws IOException {
        if (position == limit) {
            position = 0;
            limit = Math.max(0, in.read(buffer));
        }
        return position < limit;
    }

    private String decode(byte[] bytes) {
        number++;
        consumed += bytes.length + 1;
        int length = bytes.length;
        if (length > 0 && bytes[length - 1] == '\r') {
            length--;
        }
        try {
            var text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes, 0, length))
                            .toString();
            return number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new MtlException(
                    name + ":" + number + ": is not UTF-8; convert the file, such as by iconv", e);
        }
    }
}
