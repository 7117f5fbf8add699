package dev.mtl.train.format.fields;

import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.TextLines;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

import java.io.CharArrayReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The records of a table, including those that cannot be read. */
final class TableRecords {
    private final TextLines lines;
    private final CSVFormat format;
    private final char[] text;

    /** Where each line begins in the text. */
    private final int[] starts;

    private final List<Entry> entries = new ArrayList<>();

    private TableRecords(TextLines lines, char separator, boolean quoted) {
        this.lines = lines;
        this.format =
                CSVFormat.RFC4180
                        .builder()
                        .setDelimiter(separator)
                        .setQuote(quoted ? '"' : null)
                        .setIgnoreEmptyLines(true)
                        .get();
        var joined = new StringBuilder();
        this.starts = new int[lines.size()];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = joined.length();
            // the parser would also end a record at a carriage return, and count other lines
            joined.append(lines.replaced(i).replace('\r', ' ')).append('\n');
        }
        this.text = new char[joined.length()];
        joined.getChars(0, text.length, text, 0);
    }

    /**
     * A record.
     *
     * @param mistake why the record cannot be read; null if it can be
     */
    record Entry(TextLines lines, int line, List<String> values, @Nullable String mistake) {
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
            return lines.place(line);
        }

        BadRowException bad(String reason) {
            return lines.bad(line, reason);
        }
    }

    static List<Entry> read(TextLines lines, char separator, boolean quoted) {
        var records = new TableRecords(lines, separator, quoted);
        // a parser cannot continue after a mistake, but a new one can, on the next line
        for (int line = 0; line < lines.size(); ) {
            line = records.readFrom(line);
        }
        return records.entries;
    }

    /** Reads up to the first mistake; returns the line to continue on. */
    private int readFrom(int line) {
        int from = starts[line];
        int next = line;
        var reader = new CharArrayReader(text, from, text.length - from);
        try (var parser = CSVParser.builder().setReader(reader).setFormat(format).get()) {
            for (CSVRecord read : parser) {
                int begin = lineAt(from + (int) read.getCharacterPosition());
                while (lines.replaced(begin).isEmpty()) {
                    begin++;
                }
                next = begin + 1;
                // a record ends at a line end, and its fields may contain more
                for (var value : read) {
                    next += (int) value.chars().filter(c -> c == '\n').count();
                }
                boolean blank = read.size() == 1 && lines.replaced(begin).isBlank();
                if (!blank) {
                    entries.add(
                            new Entry(lines, begin, List.of(read.values()), notUtf8(begin, next)));
                }
            }
            return lines.size();
        } catch (UncheckedIOException | IOException | IllegalStateException e) {
            int bad = next;
            while (bad < lines.size() - 1 && lines.replaced(bad).isEmpty()) {
                bad++;
            }
            entries.add(
                    new Entry(
                            lines,
                            bad,
                            List.of(),
                            "has quotes that RFC 4180 does not allow: a field that begins with one"
                                    + " ends with one, and those inside are doubled; for a file"
                                    + " without quoting say quoting: none"));
            return bad + 1;
        }
    }

    private @Nullable String notUtf8(int from, int to) {
        for (int i = from; i < to; i++) {
            try {
                lines.get(i);
            } catch (BadRowException e) {
                return "is not UTF-8 at line "
                        + (i + 1)
                        + "; convert the file, for instance with iconv";
            }
        }
        return null;
    }

    private int lineAt(int position) {
        int found = Arrays.binarySearch(starts, position);
        return found >= 0 ? found : -found - 2;
    }
}
