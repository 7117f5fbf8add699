package dev.mtl.train.format;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.tags.Abbreviated;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table of RFC 4180: its first record names the columns, unless the configuration does.
 *
 * @param separator between fields
 * @param textColumns the columns of an example's texts
 * @param columns names of all columns, or empty if the file has a header
 */
record TableFormat(char separator, List<String> textColumns, List<String> columns)
        implements DataFormat {
    /** Where a task reads nothing but the texts. */
    private static final int NO_FIELD = -1;

    @Override
    public Rows open(Path path, List<DataColumn> targetColumns) {
        var records = TableRecords.read(TextLines.read(path), separator);
        if (records.isEmpty()) {
            throw new MtlException(path + ": has no row, only blank lines");
        }
        boolean named = columns.isEmpty();
        var names = named ? header(records) : columns;
        var rows = named ? records.subList(1, records.size()) : records;
        if (rows.isEmpty()) {
            throw new MtlException(path + ": has " + (named ? "a header, but no row" : "no row"));
        }
        var texts =
                textColumns.stream()
                        .map(column -> index(path, names, column, "text_column"))
                        .toList();
        var fields = new LinkedHashMap<DataColumn, Integer>();
        targetColumns.forEach(
                column ->
                        fields.put(
                                column,
                                column.kind() == Kind.NONE
                                        ? NO_FIELD
                                        : index(path, names, column.name(), "column")));
        return new Table(rows, names.size(), texts, fields);
    }

    private static List<String> header(List<TableRecords.Entry> records) {
        var first = records.getFirst();
        var names = first.fields().stream().map(String::strip).toList();
        if (new HashSet<>(names).size() < names.size()) {
            throw new MtlException(
                    first.place()
                            + ": the header names a column twice: "
                            + Abbreviated.of(String.join(", ", names)));
        }
        return names;
    }

    private static int index(Path path, List<String> names, String column, String key) {
        int index = names.indexOf(column);
        if (index < 0) {
            throw new MtlException(
                    path
                            + ": no column '"
                            + column
                            + "' in the header; it has "
                            + Abbreviated.of(String.join(", ", names))
                            + " ("
                            + key
                            + " says which; 'columns' gives names where there is no header)");
        }
        return index;
    }

    private record Table(
            List<TableRecords.Entry> rows,
            int width,
            List<Integer> textFields,
            Map<DataColumn, Integer> fields)
            implements Rows {
        @Override
        public int size() {
            return rows.size();
        }

        @Override
        public Row row(int index) {
            var row = rows.get(index);
            var cells = row.fields();
            if (cells.size() != width) {
                throw row.bad(
                        "has "
                                + cells.size()
                                + (cells.size() == 1 ? " field" : " fields")
                                + ", there are "
                                + width
                                + " columns; a field with separators or line ends needs quotes");
            }
            var texts = new ArrayList<PreTokenizedText>();
            for (int field : textFields) {
                var text = PreTokenizedText.of(cells.get(field));
                if (text.words().isEmpty()) {
                    throw row.bad("has no text");
                }
                texts.add(text);
            }
            var targets = new RowTargets();
            fields.forEach(
                    (column, field) ->
                            targets.read(
                                    column,
                                    () ->
                                            field == NO_FIELD
                                                    ? new Target.Unlabelled()
                                                    : target(row, cells.get(field), column)));
            return targets.row(index + 1, row.place(), texts);
        }

        private static Target target(TableRecords.Entry row, String field, DataColumn column) {
            try {
                return TextFields.target(field, column);
            } catch (IllegalArgumentException e) {
                throw row.bad("column '" + column.name() + "' " + e.getMessage());
            }
        }
    }
}
