package dev.mtl.cli.option;

import dev.mtl.cli.console.Progress;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.Utf8Lines;
import dev.mtl.train.format.JsonLine;
import dev.mtl.train.settings.DataSettings.OnBadRow;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads examples from a stream, one per line: the line itself is the text, or fields of the JSON
 * object that the line holds.
 */
final class ExampleLines {
    private final Utf8Lines lines;
    private final String name;
    private final List<String> fields;
    private final OnBadRow onBadRow;
    private final Progress progress;
    private @Nullable List<String> example;
    private long skipped;

    /**
     * Reads from a stream; the caller closes it.
     *
     * @param name of the input, for messages
     * @param fields the fields that hold the texts of an example; empty if each line is a text
     * @param progress prints a message for each skipped line
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
     * Reads the next line.
     *
     * @return false at the end
     * @throws MtlException if the line is malformed and such lines are not to be skipped
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
                        e.getMessage() + " (to skip such lines: --on-bad-row skip)", e);
            }
            skipped++;
            progress.line("skipped: " + e.getMessage());
        }
        return true;
    }

    /** The texts of this line; null if it was skipped, or is a blank line of JSON input. */
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

    /** Whether input is available, so that {@link #advance} need not wait. */
    boolean ready() throws IOException {
        return lines.ready();
    }

    /** Bytes of all lines so far. */
    long consumed() {
        return lines.consumed();
    }

    /** Prints the number of skipped lines, if there are any. */
    void reportSkipped() {
        if (skipped > 0) {
            progress.line(name + ": " + skipped + " of " + lines.number() + " lines skipped");
        }
    }
}
