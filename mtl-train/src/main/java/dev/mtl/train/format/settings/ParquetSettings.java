package dev.mtl.train.format.settings;

import dev.mtl.train.format.DataFormat;
import dev.mtl.train.format.EntityOffsets;
import dev.mtl.train.format.fields.FieldsFormat;
import dev.mtl.train.format.fields.ParquetReader;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Settings of {@code format: parquet}.
 *
 * @param column the column that the task learns
 * @param textColumn the column of the text
 * @param textColumns the columns of several texts, instead of {@code textColumn}; empty for one
 *     text
 * @param kind what the column holds; null if its content shows it
 * @param names of the labels that the column has as numbers, from 0; empty for those of the file
 * @param markup how entities are marked in the texts; null if they are not
 * @param spanEnd whether the end of an entity is exclusive or inclusive
 * @param offsets what the entities of a string count: utf16 units or codepoints
 */
public record ParquetSettings(
        String column,
        @Nullable String textColumn,
        List<String> textColumns,
        @Nullable Kind kind,
        List<String> names,
        @Nullable String markup,
        @Nullable String spanEnd,
        @Nullable String offsets)
        implements FormatSettings {
    /** What YAML leaves out. */
    public static final ParquetSettings DEFAULTS =
            new ParquetSettings(
                    "label",
                    SettingsRules.TEXT,
                    List.of(),
                    null,
                    List.of(),
                    null,
                    SettingsRules.EXCLUSIVE,
                    SettingsRules.UTF16);

    public ParquetSettings {
        textColumns = List.copyOf(textColumns);
        names = List.copyOf(names);
        var rules = SettingsRules.of("parquet");
        rules.texts(column, textColumn, textColumns, kind, markup);
        rules.names(names, kind);
        rules.markup(markup);
        rules.offsets(spanEnd, offsets);
    }

    @Override
    public String name() {
        return "parquet";
    }

    @Override
    public EntityOffsets entityOffsets() {
        return EntityOffsets.of(spanEnd, offsets);
    }

    @Override
    public DataFormat reader() {
        return new FieldsFormat(
                new ParquetReader(), SettingsRules.texts(textColumn, textColumns), markup);
    }
}
