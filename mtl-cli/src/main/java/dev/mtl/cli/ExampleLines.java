package dev.mtl.cli;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Utf8Lines;
import dev.mtl.train.config.DataConfig.OnBadRow;
import dev.mtl.train.format.JsonLine;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The examples of a stream: its lines as they are, or fields of the JSON objects that its lines
 * are, read as training data is.
 */
final class ExampleLines {
    private final Utf8Lines lines;
    private final String name;
    private final List<String> fields;
    private final OnBadRow onBadRow;
    private final Progress progress;
    private @Nullable List<String> example;
    private long leftOut;

    /**
     * Reads from a stream, which stays the caller's to close.
     *
     * @param name what messages call it
     * @param fields that are the texts of an example; none if a line is a text
     * @param progress is told of lines that are left out
     */
    ExampleLines(
            InputStream in,
            String name,
            List<String> fields,
            OnBadRow onBadRow,
            Progress progress) {
        this.lines = new Utf8Lines(in);
        this.name = name;
        this.fields = fields;
        this.onBadRow = onBadRow;
        this.progress = progress;
    }

    /**
     * Goes on to the next line.
     *
     * @return false after the last
     * @throws MtlException if it cannot be read and such lines are not left out
     */
    boolean advance() throws IOException {
        example = null;
        try {
            var line = lines.next();
            if (line == null) {
                return false;
            }
            if (!line.isUtf8()) {
                throw new MtlException(
                        place() + ": is not UTF-8; convert the file, for instance with iconv");
            }
            example = fields.isEmpty() ? List.of(line.text()) : texts(line.text());
        } catch (MtlException e) {
            if (onBadRow == OnBadRow.FAIL) {
                throw new MtlException(
                        e.getMessage() + " (--on-bad-row skip leaves such lines out)", e);
            }
            leftOut++;
            progress.line("left out: " + e.getMessage());
        }
        return true;
    }

    /** The texts of this line; null if it is blank among JSON objects, or left out. */
    @Nullable List<String> example() {
        return example;
    }

    private @Nullable List<String> texts(String line) {
        if (JsonLine.isBlank(line)) {
            return null;
        }
        try {
            var object = JsonLine.parse(line);
            var texts = new ArrayList<String>();
            for (var field : fields) {
                var text = object.path(field);
                if (!text.isTextual()) {
                    throw new IllegalArgumentException(
                            "has no text in the field '" + field + "'; --text-field names another");
                }
                texts.add(text.textValue());
            }
            return texts;
        } catch (IllegalArgumentException e) {
            throw new MtlException(place() + ": " + e.getMessage(), e);
        }
    }

    private String place() {
        return name + ":" + lines.number();
    }

    /** Whether more has come already, so that {@link #advance} need not wait. */
    boolean ready() throws IOException {
        return lines.ready();
    }

    /** How many bytes the lines so far have. */
    long consumed() {
        return lines.consumed();
    }

    /** Says it at the end, where it is easily found. */
    void sayHowManyWereLeftOut() {
        if (leftOut > 0) {
            progress.line(name + ": " + leftOut + " of " + lines.number() + " lines left out");
        }
    }
}
