package dev.mtl.train.format;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.settings.DataSettings.Kind;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One JSON object per line; blank lines are skipped. The first line in which a field is not empty
 * shows what it holds, and all others must hold the same. If no line does, the training data shows
 * it.
 *
 * @param textFields the fields of an example's texts
 */
record JsonLinesFormat(List<String> textFields) implements DataFormat {
    @Override
    public Rows open(Path path, List<DataColumn> columns) {
        var lines = TextLines.read(path);
        var rows = new ArrayList<Integer>();
        for (int i = 0; i < lines.size(); i++) {
            if (!JsonLine.isBlank(lines.replaced(i))) {
                rows.add(i);
            }
        }
        if (rows.isEmpty()) {
            throw new MtlException(path + ": has no row, only blank lines");
        }
        var kinds = new LinkedHashMap<DataColumn, Kind>();
        columns.forEach(column -> kinds.put(column, kind(lines, column)));
        return new JsonRows(lines, rows, textFields, Map.copyOf(kinds));
    }

    private static Kind kind(TextLines lines, DataColumn column) {
        return column.kind() != null
                ? column.kind()
                : shownKind(lines, column).or(() -> kindOfTraining(column)).orElse(Kind.LABELS);
    }

    private static Optional<Kind> shownKind(TextLines lines, DataColumn column) {
        for (int line = 0; line < lines.size(); line++) {
            try {
                var kind = JsonFields.kindOf(object(lines, line).get(column.name()));
                if (kind != null) {
                    return Optional.of(kind);
                }
            } catch (BadRowException e) {
                // reported when the row is read; another line shows the kind
            }
        }
        return Optional.empty();
    }

    /** A file in which all lists are empty does not show what they are lists of. */
    private static Optional<Kind> kindOfTraining(DataColumn column) {
        var train = column.train() == null ? null : Path.of(column.train());
        return train != null && Files.isRegularFile(train)
                ? shownKind(TextLines.read(train), column)
                : Optional.empty();
    }

    private static ObjectNode object(TextLines lines, int line) {
        var text = lines.get(line);
        try {
            return JsonLine.parse(text);
        } catch (IllegalArgumentException e) {
            throw lines.bad(line, String.valueOf(e.getMessage()));
        }
    }

    private record JsonRows(
            TextLines lines,
            List<Integer> rows,
            List<String> textFields,
            Map<DataColumn, Kind> kinds)
            implements Rows {
        @Override
        public int size() {
            return rows.size();
        }

        @Override
        public Row row(int index) {
            int line = rows.get(index);
            var object = object(lines, line);
            var texts = new ArrayList<PreTokenizedText>();
            for (var field : textFields) {
                var text = PreTokenizedText.of(text(object, field, line));
                if (text.words().isEmpty()) {
                    throw lines.bad(line, "has no text");
                }
                texts.add(text);
            }
            var targets = new RowTargets();
            kinds.forEach(
                    (column, kind) ->
                            targets.read(
                                    column,
                                    // entities are of the first text: a head of tokens takes one
                                    () -> target(object, column, kind, texts.getFirst(), line)));
            return targets.row(index + 1, lines.place(line), texts);
        }

        private Target target(
                ObjectNode object, DataColumn column, Kind kind, PreTokenizedText text, int line) {
            try {
                return JsonFields.target(object.get(column.name()), kind, text);
            } catch (IllegalArgumentException e) {
                throw lines.bad(line, "field '" + column.name() + "': " + e.getMessage());
            }
        }

        private String text(ObjectNode object, String textField, int line) {
            var node = object.get(textField);
            if (node == null || !node.isTextual()) {
                throw lines.bad(
                        line,
                        node == null
                                ? "has no field '" + textField + "', which text_column names"
                                : "field '" + textField + "' is not a string");
            }
            return node.textValue();
        }
    }
}
