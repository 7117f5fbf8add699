package dev.mtl.train.format;

import dev.mtl.core.MtlException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The lines of a UTF-8 file, as files from many hands have them: LF or CRLF, with or without a
 * byte-order mark or a last line end. What is not UTF-8 spoils its own line only.
 */
final class TextLines {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final Path file;
    private final List<String> lines = new ArrayList<>();
    private final BitSet notUtf8 = new BitSet();

    private TextLines(Path file) {
        this.file = file;
    }

    /** How many there are. */
    int size() {
        return lines.size();
    }

    /**
     * A line.
     *
     * @param index from 0
     * @throws BadRowException if it is not UTF-8
     */
    String get(int index) {
        if (notUtf8.get(index)) {
            throw bad(index, "is not UTF-8; convert the file, such as by iconv");
        }
        return lines.get(index);
    }

    /** A line, with U+FFFD for what is not UTF-8. */
    String replaced(int index) {
        return lines.get(index);
    }

    /** File and line, as messages have it. */
    String place(int index) {
        return file + ":" + (index + 1);
    }

    /** That a row cannot be read. */
    BadRowException bad(int index, String reason) {
        return new BadRowException(place(index) + ": " + reason);
    }

    /**
     * Reads all lines.
     *
     * @throws MtlException if the file is missing or empty
     */
    static TextLines read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new MtlException(file + ": no such file");
        }
        var text = new TextLines(file);
        try (var in = Files.newInputStream(file)) {
            var line = new ByteArrayOutputStream();
            var chunk = new byte[1 << 16];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                int start = 0;
                for (int i = 0; i < count; i++) {
                    if (chunk[i] == '\n') {
                        line.write(chunk, start, i - start);
                        text.add(line.toByteArray());
                        line.reset();
                        start = i + 1;
                    }
                }
                line.write(chunk, start, count - start);
            }
            if (line.size() > 0) {
                text.add(line.toByteArray());
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + e.getMessage(), e);
        }
        if (text.lines.isEmpty()) {
            throw new MtlException(file + ": is empty");
        }
        text.lines.set(0, withoutMark(text.lines.getFirst()));
        return text;
    }

    /** Without the byte-order mark that a line begins with where files were put together. */
    static String withoutMark(String line) {
        return line.startsWith(BYTE_ORDER_MARK) ? line.substring(1) : line;
    }

    private void add(byte[] bytes) {
        int length =
                bytes.length > 0 && bytes[bytes.length - 1] == '\r'
                        ? bytes.length - 1
                        : bytes.length;
        try {
            lines.add(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes, 0, length))
                            .toString());
        } catch (CharacterCodingException e) {
            notUtf8.set(lines.size());
            lines.add(new String(bytes, 0, length, StandardCharsets.UTF_8));
        }
    }
}
