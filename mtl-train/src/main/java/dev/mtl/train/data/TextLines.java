package dev.mtl.train.data;

import dev.mtl.core.MtlException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a UTF-8 file, as files from many hands have them: LF or CRLF, with or without a
 * byte-order mark or a last line end.
 */
final class TextLines {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private TextLines() {}

    /**
     * Reads all lines.
     *
     * @throws MtlException if the file is missing or empty, or a line is not UTF-8; names file and
     *     line
     */
    static List<String> read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new MtlException(file + ": no such file");
        }
        var lines = new ArrayList<String>();
        try (var in = Files.newInputStream(file)) {
            var line = new ByteArrayOutputStream();
            var chunk = new byte[1 << 16];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                int start = 0;
                for (int i = 0; i < count; i++) {
                    if (chunk[i] == '\n') {
                        line.write(chunk, start, i - start);
                        lines.add(decode(line.toByteArray(), file, lines.size() + 1));
                        line.reset();
                        start = i + 1;
                    }
                }
                line.write(chunk, start, count - start);
            }
            if (line.size() > 0) {
                lines.add(decode(line.toByteArray(), file, lines.size() + 1));
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + e.getMessage(), e);
        }
        if (lines.isEmpty()) {
            throw new MtlException(file + ": is empty");
        }
        if (lines.getFirst().startsWith(BYTE_ORDER_MARK)) {
            lines.set(0, lines.getFirst().substring(1));
        }
        return lines;
    }

    private static String decode(byte[] bytes, Path file, int number) {
        int length =
                bytes.length > 0 && bytes[bytes.length - 1] == '\r'
                        ? bytes.length - 1
                        : bytes.length;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MtlException(file + ":" + number + ": is not UTF-8", e);
        }
    }
}
