package dev.mtl.train.format.fields;

import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat;
import dev.mtl.train.format.FieldValue;
import dev.mtl.train.format.RowTargets;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.tags.EntityTags;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Files whose records have fields: tables, JSON lines, Parquet. The reader finds the fields; here
 * they become texts, and targets of tasks.
 *
 * @param textColumns the columns of an example's texts
 * @param markup how entities are marked in the texts; null if they are not
 */
public record FieldsFormat(FieldsReader reader, List<String> textColumns, @Nullable String markup)
        implements DataFormat {
    @Override
    public Rows open(Path path, List<DataColumn> columns) {
        var records = reader.open(path, textColumns, columns);
        try {
            var kinds = new LinkedHashMap<DataColumn, Kind>();
            for (var column : columns) {
                kinds.put(column, kind(column, records));
            }
            var layout =
                    new Layout(
                            textColumns,
                            markup == null ? null : Markup.of(markup),
                            kinds,
                            kinds.containsValue(Kind.TAGS));
            return new FieldRows(records, layout);
        } catch (RuntimeException | Error e) {
            records.close();
            throw e;
        }
    }

    @Override
    public DataFormat withTexts(List<String> columns) {
        return new FieldsFormat(reader, List.copyOf(columns), markup);
    }

    private Kind kind(DataColumn column, FieldsReader.Records records) {
        if (column.raw()) {
            return Kind.NONE;
        }
        if (isMarked(column)) {
            return Kind.ENTITIES;
        }
        var kind = column.kind();
        return kind == null ? records.kind(column) : kind;
    }

    private boolean isMarked(DataColumn column) {
        return markup != null && textColumns.contains(column.name());
    }

    private record FieldRows(FieldsReader.Records records, Layout layout) implements Rows {
        @Override
        public @Nullable RawRow next() {
            var record = records.next();
            return record == null ? null : new FieldRow(record, layout);
        }

        @Override
        public void close() {
            records.close();
        }
    }

    private record FieldRow(FieldsReader.RawRecord record, Layout layout) implements RawRow {
        @Override
        public Row row(int id) {
            return layout.row(id, record.fields());
        }

        @Override
        public SequencedMap<String, @Nullable Object> columns() {
            return record.all();
        }
    }

    /** What the fields of all rows mean. */
    private record Layout(
            List<String> textColumns,
            @Nullable Markup markup,
            Map<DataColumn, Kind> kinds,
            boolean tagged) {
        Row row(int id, Fields fields) {
            var texts = new ArrayList<FieldText>();
            for (var column : textColumns) {
                texts.add(text(fields, column));
            }
            var targets = new RowTargets();
            kinds.forEach(
                    (column, kind) ->
                            targets.read(
                                    column,
                                    // tags and entities are of the first text: a head of tokens
                                    // takes one; answers to it are in the last
                                    () ->
                                            target(
                                                    fields,
                                                    column,
                                                    kind,
                                                    kind == Kind.ANSWERS
                                                            ? texts.getLast()
                                                            : texts.getFirst())));
            return targets.row(id, fields.place(), texts.stream().map(FieldText::text).toList());
        }

        private FieldText text(Fields fields, String column) {
            try {
                var text = textOf(fields, column);
                if (text.isEmpty()) {
                    throw new IllegalArgumentException("has no text");
                }
                return text;
            } catch (IllegalArgumentException e) {
                throw bad(fields, e);
            }
        }

        private FieldText textOf(Fields fields, String column) {
            var words = fields.words(column);
            if (words != null) {
                return FieldText.ofWords(words);
            }
            var text = fields.text(column);
            if (markup != null) {
                return markup.read(text);
            }
            return tagged && !text.isBlank()
                    ? FieldText.ofWhiteSpace(text)
                    : FieldText.of(PreTokenizedText.of(text));
        }

        private Target target(Fields fields, DataColumn column, Kind kind, FieldText text) {
            if (column.raw()) {
                return new FieldValue(fields.value(column.name()));
            }
            try {
                return markup != null && textColumns.contains(column.name())
                        ? new Target.Tags(EntityTags.of(text.text(), text.marked()))
                        : fields.target(column, kind, text);
            } catch (IllegalArgumentException e) {
                throw bad(fields, e);
            }
        }

        private static BadRowException bad(Fields fields, IllegalArgumentException e) {
            return new BadRowException(fields.place() + ": " + e.getMessage());
        }
    }
}
