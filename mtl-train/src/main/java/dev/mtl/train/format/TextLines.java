package dev.mtl.train.format;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.Utf8Lines;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The lines of a UTF-8 file with LF or CRLF line ends, with or without a byte-order mark and a
 * final line end. Invalid UTF-8 makes only its own line unreadable.
 */
public final class TextLines {
    private final Path file;
    private final List<String> lines = new ArrayList<>();
    private final BitSet notUtf8 = new BitSet();

    private TextLines(Path file) {
        this.file = file;
    }

    /** The number of lines. */
    public int size() {
        return lines.size();
    }

    /**
     * Returns a line.
     *
     * @param index from 0
     * @throws BadRowException if it is not UTF-8
     */
    public String get(int index) {
        if (notUtf8.get(index)) {
            throw bad(index, "is not UTF-8; convert the file, for instance with iconv");
        }
        return lines.get(index);
    }

    /** A line, with U+FFFD in place of invalid UTF-8. */
    public String replaced(int index) {
        return lines.get(index);
    }

    /** File and line, for messages. */
    public String place(int index) {
        return file + ":" + (index + 1);
    }

    /** Reports that a row cannot be read. */
    public BadRowException bad(int index, String reason) {
        return new BadRowException(place(index) + ": " + reason);
    }

    /**
     * Reads all lines.
     *
     * @throws ConfigurationException if the file is missing
     * @throws MtlException if it is empty, or cannot be read
     */
    public static TextLines read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ConfigurationException(file + ": no such file");
        }
        var text = new TextLines(file);
        try (var in = Files.newInputStream(file)) {
            var lines = new Utf8Lines(in);
            for (var line = lines.next(); line != null; line = lines.next()) {
                if (!line.isUtf8()) {
                    text.notUtf8.set(text.lines.size());
                }
                text.lines.add(line.text());
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + Reasons.of(e), e);
        }
        if (text.lines.isEmpty()) {
            throw new MtlException(file + ": is empty");
        }
        return text;
    }
}
