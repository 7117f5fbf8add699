package dev.mtl.train.format.fields;

import dev.mtl.core.MtlException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.TextLines;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.tags.Abbreviated;

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
        var records = TableRecords.read(TextLines.read(path), separator, quoted);
        if (records.isEmpty()) {
            throw new MtlException(path + ": has no row, only blank lines");
        }
        var names = header ? header(records.getFirst()) : columns;
        var rows = header ? records.subList(1, records.size()) : records;
        if (rows.isEmpty()) {
            throw new MtlException(path + ": has " + (header ? "a header, but no row" : "no row"));
        }
        // without names, the first record shows how many columns there are
        int width = names.isEmpty() ? rows.getFirst().values().size() : names.size();
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
        return new Table(rows, names, needed, !extraIgnored, places);
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
                                ? "'columns' gives names where there is no header)"
                                : "see separator, too)"));
    }

    private record Table(
            List<TableRecords.Entry> rows,
            List<String> names,
            int width,
            boolean exact,
            Map<String, Integer> places)
            implements Records {
        @Override
        public int size() {
            return rows.size();
        }

        @Override
        public Fields fields(int index) {
            var row = rows.get(index);
            int fields = row.fields().size();
            if (fields < width || (exact && fields > width)) {
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
            return new TextFields(row.fields(), names, places, row.place());
        }

        @Override
        public Kind kind(DataColumn column) {
            return column.labelSeparator() == null ? Kind.LABEL : Kind.LABELS;
        }
    }
}
