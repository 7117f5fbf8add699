package dev.mtl.train.format;

import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Settings of {@code format: csv} and {@code format: tsv}. */
public sealed interface TableSettings extends FormatSettings {
    /** The column of the text. */
    @Nullable String textColumn();

    /** The columns of several texts, instead of {@link #textColumn}; empty for one text. */
    List<String> textColumns();

    /** Names of the columns, for files without a header; else empty. */
    List<String> columns();

    /** The character between fields. */
    char delimiter();

    @Override
    default DataFormat reader() {
        return new TableFormat(
                delimiter(), SettingsRules.texts(textColumn(), textColumns()), columns());
    }

    /**
     * Settings of {@code format: csv}.
     *
     * @param column that the task learns
     * @param separator one character
     */
    record Csv(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            @Nullable String separator,
            List<String> columns,
            @Nullable String labelSeparator,
            @Nullable Kind kind)
            implements TableSettings {
        /** What YAML leaves out. */
        public static final Csv DEFAULTS =
                new Csv("label", SettingsRules.TEXT, List.of(), ",", List.of(), null, null);

        public Csv {
            textColumns = List.copyOf(textColumns);
            columns = List.copyOf(columns);
            var rules = SettingsRules.of("csv");
            rules.table(column, textColumn, textColumns, columns, kind);
            rules.character(separator);
            rules.fieldKind(kind, labelSeparator);
        }

        @Override
        public String name() {
            return "csv";
        }

        @Override
        public char delimiter() {
            return String.valueOf(separator).charAt(0);
        }
    }

    /**
     * Settings of {@code format: tsv}.
     *
     * @param column that the task learns
     */
    record Tsv(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            List<String> columns,
            @Nullable String labelSeparator,
            @Nullable Kind kind)
            implements TableSettings {
        /** What YAML leaves out. */
        public static final Tsv DEFAULTS =
                new Tsv("label", SettingsRules.TEXT, List.of(), List.of(), null, null);

        public Tsv {
            textColumns = List.copyOf(textColumns);
            columns = List.copyOf(columns);
            var rules = SettingsRules.of("tsv");
            rules.table(column, textColumn, textColumns, columns, kind);
            rules.fieldKind(kind, labelSeparator);
        }

        @Override
        public String name() {
            return "tsv";
        }

        @Override
        public char delimiter() {
            return '\t';
        }
    }
}
