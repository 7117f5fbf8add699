package dev.mtl.train.format.settings;

import dev.mtl.train.format.ConllFormat;
import dev.mtl.train.format.DataFormat;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Settings of {@code format: conll}.
 *
 * @param column of the tags: its name or its number, from 0
 * @param textColumn of the words: its name or its number, from 0
 * @param separator of columns: whitespace, tab or space
 * @param columns names of all columns, in order; empty if they have none
 * @param comment the prefix of comment lines; null for none
 */
public record ConllSettings(
        String column,
        @Nullable String textColumn,
        @Nullable String separator,
        List<String> columns,
        @Nullable String comment)
        implements FormatSettings {
    /** What YAML leaves out. */
    public static final ConllSettings DEFAULTS =
            new ConllSettings("1", "0", "whitespace", List.of(), null);

    public ConllSettings {
        columns = List.copyOf(columns);
        var rules = SettingsRules.of("conll");
        rules.distinct(columns);
        separator = rules.oneOf("separator", separator, List.of("whitespace", "tab", "space"));
        rules.numberOrName("column", column, columns);
        textColumn = rules.numberOrName("text_column", textColumn, columns);
        rules.differ(column, textColumn);
        rules.notEmpty("comment", comment);
    }

    @Override
    public String name() {
        return "conll";
    }

    @Override
    public DataFormat reader() {
        return new ConllFormat(
                String.valueOf(textColumn), String.valueOf(separator), columns, comment);
    }
}
