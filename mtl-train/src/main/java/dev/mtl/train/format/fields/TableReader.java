package dev.mtl.train.format.fields;

import dev.mtl.core.MtlException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.tags.Abbreviated;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Tables: the first record may name the columns. Columns are found by their names, or by their
 * numbers from 0.
 *
 * @param separator between fields
 * @param quoted whether fields may be quoted as in RFC 4180
 * @param header whether the first record has the names
 * @param columns names of all columns, for a file without a header; may be empty
 * @param extraIgnored whether a record may have more fields than there are columns
 */
public record TableReader(
        char separator, boolean quoted, boolean header, List<String> columns, boolean extraIgnored)
        implements FieldsReader {
    @Override
    public Records open(Path path, List<String> texts, List<DataColumn> targets) {
        var records = TableRecords.open(path, separator, quoted);
        try {
            return open(path, records, texts, targets);
        } catch (RuntimeException | Error e) {
            records.close();
            throw e;
        }
    }

    private Records open(
            Path path, TableRecords records, List<String> texts, List<DataColumn> targets) {
        var begin = records.next();
        if (begin == null) {
            throw new MtlException(path + ": has no row, only blank lines");
        }
        var names = header ? header(begin) : columns;
        var first = header ? records.next() : begin;
        if (first == null) {
            throw new MtlException(path + ": has a header, but no row");
        }
        // without names, the first record shows how many columns there are
        int width = names.isEmpty() ? first.values().size() : names.size();
        var places = new HashMap<String, Integer>();
        for (var text : texts) {
            places.put(text, index(path, names, width, text, "text_column"));
        }
        for (var column : targets) {
            if (column.kind() != Kind.NONE) {
                places.put(column.name(), index(path, names, width, column.name(), "column"));
            }
        }
        boolean needsNamed = names.isEmpty() && extraIgnored;
        int needed =
                needsNamed ? places.values().stream().mapToInt(i -> i + 1).max().orElse(1) : width;
        return new Table(records, first, new Layout(names, needed, !extraIgnored, places));
    }

    private static List<String> header(TableRecords.Entry first) {
        var names = first.fields().stream().map(String::strip).toList();
        if (new HashSet<>(names).size() < names.size()) {
            throw new MtlException(
                    first.place()
                            + ": the header names a column twice: "
                            + Abbreviated.of(String.join(", ", names)));
        }
        return names;
    }

    private int index(Path path, List<String> names, int width, String column, String key) {
        int index = names.indexOf(column);
        if (index >= 0) {
            return index;
        }
        if (column.matches("[0-9]{1,4}") && Integer.parseInt(column) < width) {
            return Integer.parseInt(column);
        }
        throw new MtlException(
                path
                        + ": no column '"
                        + column
                        + (header ? "' in the header; it has " : "'; there are ")
                        + (names.isEmpty()
                                ? width + " columns, numbered from 0"
                                : Abbreviated.of(String.join(", ", names)))
                        + " ("
                        + key
                        + " says which; "
                        + (header
                                ? "'columns' gives names where there is no header,"
                                        + " kind: none learns from the texts alone)"
                                : "see separator, too)"));
    }

    private static final class Table implements Records {
        private final TableRecords records;
        private final Layout layout;
        private TableRecords.@Nullable Entry first;

        Table(TableRecords records, TableRecords.Entry first, Layout layout) {
            this.records = records;
            this.first = first;
            this.layout = layout;
        }

        @Override
        public @Nullable RawRecord next() {
            var row = first == null ? records.next() : first;
            first = null;
            return row == null ? null : new TableRecord(row, layout);
        }

        @Override
        public Kind kind(DataColumn column) {
            return column.labelSeparator() == null ? Kind.LABEL : Kind.LABELS;
        }

        @Override
        public void close() {
            records.close();
        }
    }

    /** The columns of all records. */
    private record Layout(
            List<String> names, int width, boolean exact, Map<String, Integer> places) {}

    private record TableRecord(TableRecords.Entry row, Layout layout) implements RawRecord {
        @Override
        public Fields fields() {
            int fields = row.fields().size();
            int width = layout.width();
            if (fields < width || (layout.exact() && fields > width)) {
                throw row.bad(
                        "has "
                                + fields
                                + (fields == 1 ? " field" : " fields")
                                + ", there are "
                                + width
                                + " columns"
                                + (fields > width
                                        ? "; a field with separators or line ends needs quotes, and"
                                                + " extra_fields: ignore leaves the rest out"
                                        : "; a field with separators or line ends needs quotes"));
            }
            return new TextFields(row.fields(), layout.names(), layout.places(), row.place());
        }
    }
}
