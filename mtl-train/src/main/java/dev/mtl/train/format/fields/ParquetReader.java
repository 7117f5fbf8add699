package dev.mtl.train.format.fields;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import dev.hardwood.schema.ColumnProjection;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.internal.Reasons;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.tags.Abbreviated;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Parquet files. Their rows are read as JSON objects of the columns that are needed; the names of
 * labels are those that Hugging Face's {@code datasets} notes in the file.
 */
public record ParquetReader() implements FieldsReader {
    private static final JsonMapper MAPPER = new JsonMapper();

    @Override
    public Records open(Path path, List<String> texts, List<DataColumn> columns) {
        if (!Files.isRegularFile(path)) {
            throw new MtlException(path + ": no such file");
        }
        try {
            var file = ParquetFileReader.open(InputFile.of(path));
            try {
                return open(path, file, texts, columns);
            } catch (RuntimeException | Error e) {
                file.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            throw unreadable(path, e);
        }
    }

    /**
     * The first rows of a file, with all of their columns.
     *
     * @throws MtlException if it is missing or cannot be read
     */
    public static List<ObjectNode> first(Path path, int most) {
        if (!Files.isRegularFile(path)) {
            throw new MtlException(path + ": no such file");
        }
        var first = new ArrayList<ObjectNode>();
        try (var file = ParquetFileReader.open(InputFile.of(path));
                var rows = rows(file, columns(file))) {
            while (rows.hasNext() && first.size() < most) {
                rows.next();
                first.add(object(rows));
            }
        } catch (IOException | RuntimeException e) {
            throw unreadable(path, e);
        }
        return first;
    }

    private static MtlException unreadable(Path path, Exception e) {
        return e instanceof MtlException known
                ? known
                : new MtlException(
                        path
                                + ": cannot be read as Parquet: "
                                + (e instanceof IOException io ? Reasons.of(io) : e.getMessage())
                                + "; Zstandard, LZ4 and Brotli need their library on the class"
                                + " path",
                        e);
    }

    private static Records open(
            Path path, ParquetFileReader file, List<String> texts, List<DataColumn> columns) {
        var names = columns(file);
        var needed = new LinkedHashSet<String>();
        texts.forEach(text -> needed.add(column(path, names, text, "text_column")));
        for (var column : columns) {
            if (column.kind() != Kind.NONE) {
                needed.add(column(path, names, column.name(), "column"));
            }
        }
        var features = features(file.getFileMetaData().keyValueMetadata().get("huggingface"));
        var named = new LinkedHashMap<DataColumn, DataColumn>();
        columns.forEach(column -> named.put(column, named(column, features)));
        return new ParquetRecords(path, file, List.copyOf(needed), texts, named);
    }

    private static List<String> columns(ParquetFileReader file) {
        var names = new LinkedHashSet<String>();
        for (var column : file.getFileSchema().getColumns()) {
            names.add(column.fieldPath().topLevelName());
        }
        return List.copyOf(names);
    }

    /** The column that a name is of, or leads into. */
    private static String column(Path path, List<String> names, String name, String key) {
        int dot = name.indexOf('.');
        var outer = names.contains(name) || dot < 0 ? name : name.substring(0, dot);
        if (!names.contains(outer)) {
            throw new MtlException(
                    path
                            + ": no column '"
                            + outer
                            + "'; it has "
                            + Abbreviated.of(String.join(", ", names))
                            + " ("
                            + key
                            + " says which)");
        }
        return outer;
    }

    private static JsonNode features(@Nullable String noted) {
        try {
            return noted == null
                    ? JsonNodeFactory.instance.objectNode()
                    : MAPPER.readTree(noted).path("info").path("features");
        } catch (JsonProcessingException e) {
            return JsonNodeFactory.instance.objectNode();
        }
    }

    /** The column with the names that the file has for its numbers, unless it is given others. */
    private static DataColumn named(DataColumn column, JsonNode features) {
        var feature = features.path(column.name());
        var own = feature.has("names") ? feature : feature.path("feature");
        if (!column.names().isEmpty() || !own.path("names").isArray()) {
            return column;
        }
        var names = new ArrayList<String>();
        own.path("names").forEach(name -> names.add(name.asText()));
        return column.withNames(names);
    }

    private static RowReader rows(ParquetFileReader file, List<String> columns) {
        return file.buildRowReader()
                .projection(ColumnProjection.columns(columns.toArray(String[]::new)))
                .build();
    }

    private static ObjectNode object(StructAccessor row) {
        var object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < row.getFieldCount(); i++) {
            object.set(row.getFieldName(i), node(row.isNull(i) ? null : row.getValue(i)));
        }
        return object;
    }

    private static JsonNode node(@Nullable Object value) {
        var nodes = JsonNodeFactory.instance;
        return switch (value) {
            case null -> nodes.nullNode();
            case Integer number -> nodes.numberNode(number);
            case Long number -> nodes.numberNode(number);
            case Float number -> nodes.numberNode(number);
            case Double number -> nodes.numberNode(number);
            case Boolean flag -> nodes.booleanNode(flag);
            case byte[] bytes -> nodes.textNode(new String(bytes, StandardCharsets.UTF_8));
            case PqStruct struct -> object(struct);
            case PqList list -> {
                var array = nodes.arrayNode();
                list.values().forEach(item -> array.add(node(item)));
                yield array;
            }
            default -> nodes.textNode(value.toString());
        };
    }

    /** Reads the row groups of an open file one after the other. */
    private static final class ParquetRecords implements Records {
        private final Path path;
        private final ParquetFileReader file;
        private final List<String> needed;
        private final List<String> texts;
        private final Map<DataColumn, DataColumn> named;
        private final WholeRows whole;
        private final RowReader rows;
        private int read;

        ParquetRecords(
                Path path,
                ParquetFileReader file,
                List<String> needed,
                List<String> texts,
                Map<DataColumn, DataColumn> named) {
            this.path = path;
            this.file = file;
            this.needed = needed;
            this.texts = texts;
            this.named = named;
            whole = new WholeRows(path);
            rows = rows(file, needed);
        }

        @Override
        public @Nullable RawRecord next() {
            try {
                if (rows.hasNext()) {
                    rows.next();
                    read++;
                    var fields = new JsonFields(object(rows), path + ":" + read);
                    return new ParquetRecord(fields, read - 1, whole, named);
                }
            } catch (RuntimeException e) {
                throw unreadable(path, e);
            }
            if (read == 0) {
                throw new MtlException(path + ": has no row");
            }
            return null;
        }

        @Override
        public Kind kind(DataColumn column) {
            var known = Objects.requireNonNull(named.get(column));
            try (var all = rows(file, needed)) {
                while (all.hasNext()) {
                    all.next();
                    var kind = new JsonFields(object(all), "").kindOf(known, texts);
                    if (kind != null) {
                        return kind;
                    }
                }
            } catch (RuntimeException e) {
                throw unreadable(path, e);
            }
            return Kind.LABELS;
        }

        @Override
        public void close() {
            rows.close();
            try {
                file.close();
            } catch (IOException e) {
                throw unreadable(path, e);
            }
        }
    }

    private record ParquetRecord(
            JsonFields row, int index, WholeRows whole, Map<DataColumn, DataColumn> named)
            implements RawRecord {
        @Override
        public Fields fields() {
            return new NamedFields(row, named);
        }

        @Override
        public SequencedMap<String, @Nullable Object> all() {
            return whole.rows().get(index).all();
        }
    }

    /** The rows with all of their columns, which are read when the first is asked for. */
    private static final class WholeRows {
        private final Path path;
        private @Nullable List<JsonFields> rows;

        WholeRows(Path path) {
            this.path = path;
        }

        synchronized List<JsonFields> rows() {
            var known = rows;
            if (known == null) {
                known = new ArrayList<>();
                try (var file = ParquetFileReader.open(InputFile.of(path));
                        var all = ParquetReader.rows(file, columns(file))) {
                    while (all.hasNext()) {
                        all.next();
                        known.add(new JsonFields(object(all), path + ":" + (known.size() + 1)));
                    }
                } catch (IOException e) {
                    throw new MtlException(path + ": cannot be read: " + Reasons.of(e), e);
                }
                rows = known;
            }
            return known;
        }
    }

    private record NamedFields(JsonFields fields, Map<DataColumn, DataColumn> named)
            implements Fields {
        @Override
        public String place() {
            return fields.place();
        }

        @Override
        public @Nullable List<String> words(String column) {
            return fields.words(column);
        }

        @Override
        public String text(String column) {
            return fields.text(column);
        }

        @Override
        public Target target(DataColumn column, Kind kind, FieldText text) {
            return fields.target(Objects.requireNonNull(named.get(column)), kind, text);
        }

        @Override
        public @Nullable Object value(String column) {
            return fields.value(column);
        }

        @Override
        public SequencedMap<String, @Nullable Object> all() {
            return fields.all();
        }
    }
}
