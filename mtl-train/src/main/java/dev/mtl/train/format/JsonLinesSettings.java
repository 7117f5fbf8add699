package dev.mtl.train.format;

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
 */
public record JsonLinesSettings(
        String column, @Nullable String textColumn, List<String> textColumns, @Nullable Kind kind)
        implements FormatSettings {
    /** What YAML leaves out. */
    public static final JsonLinesSettings DEFAULTS =
            new JsonLinesSettings("label", SettingsRules.TEXT, List.of(), null);

    public JsonLinesSettings {
        textColumns = List.copyOf(textColumns);
        SettingsRules.of("jsonl").texts(column, textColumn, textColumns, kind);
    }

    @Override
    public String name() {
        return "jsonl";
    }

    @Override
    public DataFormat reader() {
        return new JsonLinesFormat(SettingsRules.texts(textColumn, textColumns));
    }
}
