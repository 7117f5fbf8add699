package dev.mtl.train.format.settings;

import dev.mtl.core.head.HeadRegistry.FoundFormat;
import dev.mtl.train.format.DataFormat;
import dev.mtl.train.format.EntityOffsets;
import dev.mtl.train.format.fields.FieldsFormat;
import dev.mtl.train.format.fields.FieldsReader;
import dev.mtl.train.format.fields.JsonLinesReader;
import dev.mtl.train.format.fields.ParquetReader;
import dev.mtl.train.format.fields.ProvidedReader;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Settings of formats whose rows are objects with named fields: {@code jsonl}, {@code parquet}, and
 * those of {@link dev.mtl.core.data.FormatProvider}s.
 *
 * @param name of the format
 * @param fields finds the rows and their fields
 * @param common the keys that all of these formats have
 */
public record ObjectSettings(String name, FieldsReader fields, Common common)
        implements FormatSettings {
    /** What YAML leaves out in {@code format: jsonl}. */
    public static final ObjectSettings JSON_LINES =
            new ObjectSettings("jsonl", new JsonLinesReader(), Common.DEFAULTS);

    /** What YAML leaves out in {@code format: parquet}. */
    public static final ObjectSettings PARQUET =
            new ObjectSettings("parquet", new ParquetReader(), Common.DEFAULTS);

    /**
     * The keys that all of these formats have.
     *
     * @param column the field that the task learns
     * @param textColumn the field of the text
     * @param textColumns the fields of several texts, instead of {@code textColumn}; empty for one
     *     text
     * @param kind what the field holds; null if its content shows it
     * @param names of the labels that the field has as numbers, from 0; empty if it has none, or
     *     for those of a Parquet file
     * @param markup how entities are marked in the texts; null if they are not
     * @param spanEnd whether the end of an entity is exclusive or inclusive
     * @param offsets what the entities of a string count: utf16 units or codepoints
     */
    public record Common(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            @Nullable Kind kind,
            List<String> names,
            @Nullable String markup,
            @Nullable String spanEnd,
            @Nullable String offsets) {
        static final Common DEFAULTS =
                new Common(
                        "label",
                        SettingsRules.TEXT,
                        List.of(),
                        null,
                        List.of(),
                        null,
                        SettingsRules.EXCLUSIVE,
                        SettingsRules.UTF16);

        public Common {
            textColumns = List.copyOf(textColumns);
            names = List.copyOf(names);
        }
    }

    public ObjectSettings {
        var rules = SettingsRules.of(name);
        rules.texts(
                common.column(),
                common.textColumn(),
                common.textColumns(),
                common.kind(),
                common.markup());
        rules.names(common.names(), common.kind());
        rules.markup(common.markup());
        rules.offsets(common.spanEnd(), common.offsets());
    }

    /** What YAML leaves out in a format of a provider. */
    static ObjectSettings of(FoundFormat format) {
        return new ObjectSettings(
                format.name(), ProvidedReader.of(format.provider()), Common.DEFAULTS);
    }

    @Override
    public List<Record> keys() {
        return fields instanceof ProvidedReader<?>(var _, var own)
                ? List.of(common, own)
                : List.of(common);
    }

    @Override
    public ObjectSettings withKeys(List<Record> keys) {
        return new ObjectSettings(
                name,
                fields instanceof ProvidedReader<?> provided
                        ? provided.with(keys.getLast())
                        : fields,
                (Common) keys.getFirst());
    }

    @Override
    public String column() {
        return common.column();
    }

    @Override
    public @Nullable Kind kind() {
        return common.kind();
    }

    @Override
    public List<String> names() {
        return common.names();
    }

    @Override
    public EntityOffsets entityOffsets() {
        return EntityOffsets.of(common.spanEnd(), common.offsets());
    }

    @Override
    public DataFormat reader() {
        return new FieldsFormat(
                fields,
                SettingsRules.texts(common.textColumn(), common.textColumns()),
                common.markup());
    }
}
