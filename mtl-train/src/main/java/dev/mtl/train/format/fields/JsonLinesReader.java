package dev.mtl.train.format.fields;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.JsonLine;
import dev.mtl.train.format.TextLine;
import dev.mtl.train.format.TextLines;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;

/** One JSON object per line; blank lines are skipped. */
public record JsonLinesReader() implements FieldsReader {
    @Override
    public Records open(Path path, List<String> texts, List<DataColumn> columns) {
        return new JsonRecords(path, TextLines.open(path), texts);
    }

    private static final class JsonRecords implements Records {
        private final Path path;
        private final TextLines lines;
        private final List<String> texts;
        private boolean any;

        JsonRecords(Path path, TextLines lines, List<String> texts) {
            this.path = path;
            this.lines = lines;
            this.texts = texts;
        }

        @Override
        public @Nullable RawRecord next() {
            for (var line = lines.next(); line != null; line = lines.next()) {
                if (!JsonLine.isBlank(line.replaced())) {
                    any = true;
                    return new JsonRecord(line);
                }
            }
            if (!any) {
                throw new MtlException(path + ": has no row, only blank lines");
            }
            return null;
        }

        @Override
        public Kind kind(DataColumn column) {
            return ShownKind.of(new JsonLinesReader(), path, column, texts);
        }

        @Override
        public void close() {
            lines.close();
        }
    }

    private record JsonRecord(TextLine line) implements RawRecord {
        @Override
        public Fields fields() {
            return JsonLinesReader.fields(line);
        }
    }

    private static JsonFields fields(TextLine line) {
        var text = line.text();
        ObjectNode object;
        try {
            object = JsonLine.parse(text);
        } catch (IllegalArgumentException e) {
            throw line.bad(String.valueOf(e.getMessage()));
        }
        return new JsonFields(object, line.place());
    }
}
