package dev.mtl.train.format.settings;

import dev.mtl.train.format.DataFormat;
import dev.mtl.train.format.fields.FieldsFormat;
import dev.mtl.train.format.fields.TableReader;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Settings of {@code format: csv} and {@code format: tsv}. */
public sealed interface TableSettings extends FormatSettings {
    /** The column of the text. */
    @Nullable String textColumn();

    /** The columns of several texts, instead of {@link #textColumn}; empty for one text. */
    List<String> textColumns();

    /** Whether the first record has the names; null if {@link #columns} decide. */
    @Nullable Boolean header();

    /** Names of the columns, for files without a header; else empty. */
    List<String> columns();

    /** Whether fields may be quoted: {@code rfc4180} or {@code none}. */
    @Nullable String quoting();

    /** What happens to fields behind the last column: {@code fail} or {@code ignore}. */
    @Nullable String extraFields();

    /** How entities are marked in the texts; null if they are not. */
    @Nullable String markup();

    /** The character between fields. */
    char delimiter();

    @Override
    default DataFormat reader() {
        var named = header();
        return new FieldsFormat(
                new TableReader(
                        delimiter(),
                        SettingsRules.RFC4180.equals(quoting()),
                        named == null ? columns().isEmpty() : named,
                        columns(),
                        !SettingsRules.FAIL.equals(extraFields())),
                SettingsRules.texts(textColumn(), textColumns()),
                markup());
    }

    /**
     * Settings of {@code format: csv}.
     *
     * @param column that the task learns
     * @param separator one character, or {@code tab}
     * @param header whether the first record has the names; null if {@code columns} decide
     */
    record Csv(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            @Nullable String separator,
            @Nullable Boolean header,
            List<String> columns,
            @Nullable String quoting,
            @Nullable String extraFields,
            @Nullable String labelSeparator,
            @Nullable Kind kind,
            List<String> names,
            @Nullable String markup)
            implements TableSettings {
        /** What YAML leaves out. */
        public static final Csv DEFAULTS =
                new Csv(
                        "label",
                        SettingsRules.TEXT,
                        List.of(),
                        ",",
                        null,
                        List.of(),
                        SettingsRules.RFC4180,
                        SettingsRules.FAIL,
                        null,
                        null,
                        List.of(),
                        null);

        public Csv {
            textColumns = List.copyOf(textColumns);
            columns = List.copyOf(columns);
            names = List.copyOf(names);
            var rules = SettingsRules.of("csv");
            rules.header(header, columns);
            rules.table(column, textColumn, textColumns, columns, kind, markup);
            rules.character(separator);
            rules.fieldKind(kind, labelSeparator);
            rules.oneOf("quoting", quoting, SettingsRules.QUOTING);
            rules.oneOf("extra_fields", extraFields, SettingsRules.EXTRA_FIELDS);
            rules.names(names, kind);
            rules.markup(markup);
        }

        @Override
        public String name() {
            return "csv";
        }

        @Override
        public char delimiter() {
            return "tab".equals(separator) ? '\t' : String.valueOf(separator).charAt(0);
        }
    }

    /**
     * Settings of {@code format: tsv}.
     *
     * @param column that the task learns
     * @param header whether the first record has the names; null if {@code columns} decide
     */
    record Tsv(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            @Nullable Boolean header,
            List<String> columns,
            @Nullable String quoting,
            @Nullable String extraFields,
            @Nullable String labelSeparator,
            @Nullable Kind kind,
            List<String> names,
            @Nullable String markup)
            implements TableSettings {
        /** What YAML leaves out. */
        public static final Tsv DEFAULTS =
                new Tsv(
                        "label",
                        SettingsRules.TEXT,
                        List.of(),
                        null,
                        List.of(),
                        SettingsRules.RFC4180,
                        SettingsRules.FAIL,
                        null,
                        null,
                        List.of(),
                        null);

        public Tsv {
            textColumns = List.copyOf(textColumns);
            columns = List.copyOf(columns);
            names = List.copyOf(names);
            var rules = SettingsRules.of("tsv");
            rules.header(header, columns);
            rules.table(column, textColumn, textColumns, columns, kind, markup);
            rules.fieldKind(kind, labelSeparator);
            rules.oneOf("quoting", quoting, SettingsRules.QUOTING);
            rules.oneOf("extra_fields", extraFields, SettingsRules.EXTRA_FIELDS);
            rules.names(names, kind);
            rules.markup(markup);
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
