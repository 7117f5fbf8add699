package dev.mtl.train.format;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.Utf8Lines;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the lines of a UTF-8 file one after the other, with LF or CRLF line ends, with or without a
 * byte-order mark and a final line end. Invalid UTF-8 makes only its own line unreadable.
 */
public final class TextLines implements AutoCloseable {
    private final Path file;
    private final InputStream in;
    private final Utf8Lines lines;
    private @Nullable TextLine first;

    private TextLines(Path file, InputStream in) {
        this.file = file;
        this.in = in;
        lines = new Utf8Lines(in);
    }

    /**
     * Opens a file.
     *
     * @throws ConfigurationException if it is missing
     * @throws MtlException if it is empty, or cannot be read
     */
    public static TextLines open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ConfigurationException(file + ": no such file");
        }
        TextLines text;
        try {
            text = new TextLines(file, Files.newInputStream(file));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        text.first = text.next();
        if (text.first == null) {
            text.close();
            throw new MtlException(file + ": is empty");
        }
        return text;
    }

    /** The number of lines of a file. */
    static int count(Path file) {
        int count = 0;
        try (var lines = open(file)) {
            while (lines.next() != null) {
                count++;
            }
        }
        return count;
    }

    /** The next line; null at the end of the file. */
    public @Nullable TextLine next() {
        var known = first;
        if (known != null) {
            first = null;
            return known;
        }
        try {
            var line = lines.next();
            return line == null
                    ? null
                    : new TextLine(
                            file, Math.toIntExact(lines.number()), line.text(), line.isUtf8());
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static MtlException unreadable(Path file, IOException e) {
        return new MtlException(file + ": cannot be read: " + Reasons.of(e), e);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }
}
