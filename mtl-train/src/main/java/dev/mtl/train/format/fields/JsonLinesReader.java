package dev.mtl.train.format.fields;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFiles;
import dev.mtl.train.format.JsonLine;
import dev.mtl.train.format.TextLines;
import dev.mtl.train.settings.DataSettings.Kind;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One JSON object per line; blank lines are skipped. The first line in which a field is not empty
 * shows what it holds, and all others must hold the same. If no line does, the training data shows
 * it.
 */
public record JsonLinesReader() implements FieldsReader {
    @Override
    public Records open(Path path, List<String> texts, List<DataColumn> columns) {
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
        return new JsonRecords(lines, rows, texts);
    }

    private record JsonRecords(TextLines lines, List<Integer> rows, List<String> texts)
            implements Records {
        @Override
        public int size() {
            return rows.size();
        }

        @Override
        public Fields fields(int index) {
            return JsonLinesReader.fields(lines, rows.get(index));
        }

        @Override
        public Kind kind(DataColumn column) {
            return shownKind(lines, column, texts)
                    .or(() -> kindOfTraining(column, texts))
                    .orElse(Kind.LABELS);
        }
    }

    private static Optional<Kind> shownKind(
            TextLines lines, DataColumn column, List<String> texts) {
        for (int line = 0; line < lines.size(); line++) {
            try {
                var kind = fields(lines, line).kindOf(column, texts);
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
    private static Optional<Kind> kindOfTraining(DataColumn column, List<String> texts) {
        var train = column.train() == null ? null : DataFiles.of(column.train()).getFirst();
        return train != null && Files.isRegularFile(train)
                ? shownKind(TextLines.read(train), column, texts)
                : Optional.empty();
    }

    private static JsonFields fields(TextLines lines, int line) {
        var text = lines.get(line);
        ObjectNode object;
        try {
            object = JsonLine.parse(text);
        } catch (IllegalArgumentException e) {
            throw lines.bad(line, String.valueOf(e.getMessage()));
        }
        return new JsonFields(object, lines.place(line));
    }
}
