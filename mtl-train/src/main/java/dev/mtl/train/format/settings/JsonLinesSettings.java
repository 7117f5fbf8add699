package dev.mtl.train.format.settings;

import dev.mtl.train.format.DataFormat;
import dev.mtl.train.format.EntityOffsets;
import dev.mtl.train.format.fields.FieldsFormat;
import dev.mtl.train.format.fields.JsonLinesReader;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Settings of {@code format: jsonl}.
 *
 * @param column the field that the task learns
 * @param textColumn the field of the text
 * @param textColumns the fields of several texts, instead of {@code textColumn}; empty for one text
 * @param kind what the field holds; null if its content shows it
 * @param names of the labels that the field has as numbers, from 0; empty if it has none
 * @param markup how entities are marked in the texts; null if they are not
 * @param spanEnd whether the end of an entity is exclusive or inclusive
 * @param offsets what the entities of a string count: utf16 units or codepoints
 */
public record JsonLinesSettings(
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
    public static final JsonLinesSettings DEFAULTS =
            new JsonLinesSettings(
                    "label",
                    SettingsRules.TEXT,
                    List.of(),
                    null,
                    List.of(),
                    null,
                    SettingsRules.EXCLUSIVE,
                    SettingsRules.UTF16);

    public JsonLinesSettings {
        textColumns = List.copyOf(textColumns);
        names = List.copyOf(names);
        var rules = SettingsRules.of("jsonl");
        rules.texts(column, textColumn, textColumns, kind, markup);
        rules.names(names, kind);
        rules.markup(markup);
        rules.offsets(spanEnd, offsets);
    }

    @Override
    public String name() {
        return "jsonl";
    }

    @Override
    public EntityOffsets entityOffsets() {
        return EntityOffsets.of(spanEnd, offsets);
    }

    @Override
    public DataFormat reader() {
        return new FieldsFormat(
                new JsonLinesReader(), SettingsRules.texts(textColumn, textColumns), markup);
    }
}
