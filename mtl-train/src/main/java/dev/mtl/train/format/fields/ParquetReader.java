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
        try (var file = ParquetFileReader.open(InputFile.of(path))) {
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
            var rows = rows(file, path, List.copyOf(needed));
            if (rows.isEmpty()) {
                throw new MtlException(path + ": has no row");
            }
            return new ParquetRecords(rows, new WholeRows(path), texts, named);
        } catch (IOException | RuntimeException e) {
            if (e instanceof MtlException known) {
                throw known;
            }
            throw new MtlException(
                    path
                            + ": cannot be read as Parquet: "
                            + (e instanceof IOException io ? Reasons.of(io) : e.getMessage())
                            + "; Zstandard, LZ4 and Brotli need their library on the class path",
                    e);
        }
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

    private static List<JsonFields> rows(ParquetFileReader file, Path path, List<String> columns) {
        var rows = new ArrayList<JsonFields>();
        try (RowReader reader =
                file.buildRowReader()
                        .projection(ColumnProjection.columns(columns.toArray(String[]::new)))
                        .build()) {
            while (reader.hasNext()) {
                reader.next();
                rows.add(new JsonFields(object(reader), path + ":" + (rows.size() + 1)));
            }
        }
        return rows;
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

    private record ParquetRecords(
            List<JsonFields> rows,
            WholeRows whole,
            List<String> texts,
            Map<DataColumn, DataColumn> named)
            implements Records {
        @Override
        public int size() {
            return rows.size();
        }

        @Override
        public Fields fields(int index) {
            return new NamedFields(rows.get(index), named);
        }

        @Override
        public SequencedMap<String, @Nullable Object> all(int index) {
            return whole.rows().get(index).all();
        }

        @Override
        public Kind kind(DataColumn column) {
            var known = Objects.requireNonNull(named.get(column));
            for (var row : rows) {
                var kind = row.kindOf(known, texts);
                if (kind != null) {
                    return kind;
                }
            }
            return Kind.LABELS;
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
                try (var file = ParquetFileReader.open(InputFile.of(path))) {
                    known = ParquetReader.rows(file, path, columns(file));
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
        public SequencedMap<String, @Nullable Object> all() {
            return fields.all();
        }
    }
}
