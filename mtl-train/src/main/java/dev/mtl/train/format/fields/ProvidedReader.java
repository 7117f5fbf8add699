package dev.mtl.train.format.fields;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.data.FormatProvider;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.plugin.PluginFailures;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Files of a format that a program or a plug-in provides. Their rows are read as JSON objects.
 *
 * @param settings of the format
 */
public record ProvidedReader<P extends Record>(FormatProvider<P> provider, P settings)
        implements FieldsReader {
    /** A format with its own defaults. */
    public static <P extends Record> ProvidedReader<P> of(FormatProvider<P> provider) {
        return new ProvidedReader<>(provider, provider.defaults());
    }

    /** The same format with other settings. */
    @SuppressWarnings("unchecked") // bound to the class of the defaults
    public ProvidedReader<P> with(Record others) {
        return new ProvidedReader<>(provider, (P) others);
    }

    @Override
    public Records open(Path path, List<String> texts, List<DataColumn> columns) {
        if (!Files.exists(path)) {
            throw new ConfigurationException(path + ": no such file");
        }
        try {
            return new ProvidedRecords(path, provider.open(settings, path), texts);
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(path, e);
        }
    }

    private static MtlException unreadable(Path path, Exception e) {
        return new MtlException(
                path
                        + ": "
                        + (e instanceof IOException io
                                ? "cannot be read: " + Reasons.of(io)
                                : e.getMessage()),
                e);
    }

    private final class ProvidedRecords implements Records {
        private final Path path;
        private final FormatProvider.Rows rows;
        private final List<String> texts;
        private boolean any;

        ProvidedRecords(Path path, FormatProvider.Rows rows, List<String> texts) {
            this.path = path;
            this.rows = rows;
            this.texts = texts;
        }

        @Override
        public @Nullable RawRecord next() {
            try {
                var row = rows.next();
                any |= row != null;
                if (!any) {
                    throw new MtlException(path + ": has no row");
                }
                return row == null
                        ? null
                        : new ProvidedRecord(
                                row,
                                path + ":" + row.number(),
                                PluginFailures.name(provider.getClass()));
            } catch (IOException | IllegalArgumentException e) {
                throw unreadable(path, e);
            }
        }

        @Override
        public Kind kind(DataColumn column) {
            return ShownKind.of(ProvidedReader.this, path, column, texts);
        }

        @Override
        public void close() {
            try {
                rows.close();
            } catch (IOException e) {
                throw unreadable(path, e);
            }
        }
    }

    /**
     * A row.
     *
     * @param format its class, for messages
     */
    private record ProvidedRecord(FormatProvider.Row row, String place, String format)
            implements RawRecord {
        @Override
        public Fields fields() {
            try {
                return new JsonFields(object(row.fields()), place);
            } catch (IllegalArgumentException e) {
                throw new BadRowException(place + ": " + e.getMessage());
            }
        }

        private ObjectNode object(Map<?, ?> fields) {
            var object = JsonNodeFactory.instance.objectNode();
            fields.forEach((name, value) -> object.set(String.valueOf(name), node(value)));
            return object;
        }

        private JsonNode node(@Nullable Object value) {
            var nodes = JsonNodeFactory.instance;
            return switch (value) {
                case null -> nodes.nullNode();
                case String text -> nodes.textNode(text);
                case Boolean flag -> nodes.booleanNode(flag);
                case Integer number -> nodes.numberNode(number);
                case Long number -> nodes.numberNode(number);
                case Float number -> nodes.numberNode(number);
                case Double number -> nodes.numberNode(number);
                case Map<?, ?> map -> object(map);
                case List<?> list -> {
                    var array = nodes.arrayNode();
                    list.forEach(item -> array.add(node(item)));
                    yield array;
                }
                default ->
                        throw new MtlException(
                                "%s: %s gives a %s; fields are strings, numbers, booleans, null,"
                                                .formatted(
                                                        place, format, value.getClass().getName())
                                        + " and lists and maps of these");
            };
        }
    }
}
