package dev.mtl.train.format.fields;

import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.TextLine;
import dev.mtl.train.format.TextLines;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** Reads the records of a table one after the other, including those that cannot be read. */
final class TableRecords implements AutoCloseable {
    private final TableLines lines;
    private final CSVFormat format;
    private @Nullable Iterator<CSVRecord> records;

    private TableRecords(TableLines lines, char separator, boolean quoted) {
        this.lines = lines;
        this.format =
                CSVFormat.RFC4180
                        .builder()
                        .setDelimiter(separator)
                        .setQuote(quoted ? '"' : null)
                        .setIgnoreEmptyLines(true)
                        .get();
    }

    /**
     * A record.
     *
     * @param first its first line
     * @param mistake why the record cannot be read; null if it can be
     */
    record Entry(TextLine first, List<String> values, @Nullable String mistake) {
        /**
         * The fields.
         *
         * @throws BadRowException if the record cannot be read
         */
        List<String> fields() {
            if (mistake != null) {
                throw bad(mistake);
            }
            return values;
        }

        String place() {
            return first.place();
        }

        BadRowException bad(String reason) {
            return first.bad(reason);
        }
    }

    static TableRecords open(Path file, char separator, boolean quoted) {
        return new TableRecords(new TableLines(TextLines.open(file)), separator, quoted);
    }

    /** The next record; null at the end of the file. */
    @Nullable Entry next() {
        try {
            while (true) {
                var record = nextRecord();
                if (record == null) {
                    return null;
                }
                int begin = lines.at(record.getCharacterPosition());
                while (lines.get(begin).replaced().isEmpty()) {
                    begin++;
                }
                int end = begin + 1;
                // a record ends at a line end, and its fields may contain more
                for (var value : record) {
                    end += (int) value.chars().filter(c -> c == '\n').count();
                }
                var first = lines.get(begin);
                var mistake = notUtf8(begin, end);
                lines.drop(end);
                boolean blank = record.size() == 1 && first.replaced().isBlank();
                if (!blank) {
                    return new Entry(first, List.of(record.values()), mistake);
                }
            }
        } catch (UncheckedIOException | IOException | IllegalStateException e) {
            return mistake();
        }
    }

    private @Nullable CSVRecord nextRecord() throws IOException {
        do {
            var parsed = records;
            if (parsed == null) {
                parsed =
                        CSVParser.builder()
                                .setReader(lines.reader())
                                .setFormat(format)
                                .get()
                                .iterator();
                records = parsed;
            }
            if (parsed.hasNext()) {
                return parsed.next();
            }
            records = null;
        } while (lines.dropEmpty());
        return null;
    }

    /** A parser cannot continue after a mistake, but a new one can, on the next line. */
    private Entry mistake() {
        int bad = 0;
        while (lines.has(bad + 1) && lines.get(bad).replaced().isEmpty()) {
            bad++;
        }
        var line = lines.get(bad);
        lines.drop(bad + 1);
        records = null;
        return new Entry(
                line,
                List.of(),
                "has quotes that RFC 4180 does not allow: a field that begins with one ends with"
                        + " one, and those inside are doubled; for a file without quoting say"
                        + " quoting: none");
    }

    private @Nullable String notUtf8(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!lines.get(i).isUtf8()) {
                return "is not UTF-8 at line "
                        + lines.get(i).number()
                        + "; convert the file, for instance with iconv";
            }
        }
        return null;
    }

    @Override
    public void close() {
        lines.close();
    }
}
