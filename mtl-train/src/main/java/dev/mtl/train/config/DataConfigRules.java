package dev.mtl.train.config;

import dev.mtl.train.config.DataConfig.Format;
import dev.mtl.train.config.DataConfig.Kind;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/**
 * Which keys of {@code data} each format has, and what they may be. Every message begins with its
 * key, by which its line is found.
 */
final class DataConfigRules {
    /** The column of the text unless it is said. */
    static final String TEXT = "text";

    private static final List<String> JOINTBERT_COLUMNS = List.of("label", "seq.out");
    private static final List<String> CONLL_SEPARATORS = List.of("whitespace", "tab", "space");

    private final Format format;

    private DataConfigRules(Format format) {
        this.format = format;
    }

    static void check(
            Format format,
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            @Nullable String separator,
            List<String> columns,
            @Nullable String comment,
            @Nullable String labelSeparator,
            @Nullable Kind kind) {
        var rules = new DataConfigRules(format);
        switch (format) {
            case JOINTBERT -> {
                rules.oneOf("column", column, JOINTBERT_COLUMNS);
                rules.hasNone("text_column", textColumn);
                rules.hasNone("columns", columns.isEmpty() ? null : columns);
            }
            case CONLL -> {
                rules.names(columns);
                rules.oneOf("separator", separator, CONLL_SEPARATORS);
                rules.numberOrName("column", column, columns);
                rules.numberOrName("text_column", textColumn, columns);
                rules.differ(column, textColumn);
            }
            case CSV, TSV -> {
                rules.names(columns);
                if (!columns.isEmpty()) {
                    if (kind != Kind.NONE) {
                        rules.oneOf("column", column, columns);
                    }
                    for (var text : textColumns) {
                        rules.oneOf("text_columns", text, columns);
                    }
                    if (textColumns.isEmpty()) {
                        rules.oneOf("text_column", textColumn, columns);
                    }
                }
                rules.texts(column, textColumn, textColumns, kind);
            }
            case JSONL -> {
                rules.hasNone("columns", columns.isEmpty() ? null : columns);
                rules.texts(column, textColumn, textColumns, kind);
            }
        }
        boolean delimited = format == Format.CSV || format == Format.TSV;
        if (format == Format.CSV) {
            rules.character(separator);
        } else if (format != Format.CONLL) {
            rules.hasNone("separator", separator);
        }
        if (format != Format.CONLL) {
            rules.hasNone("comment", comment);
        }
        if (!delimited) {
            rules.hasNone("label_separator", labelSeparator);
        }
        if (!delimited && format != Format.JSONL) {
            rules.hasNone("kind", kind);
            rules.hasNone("text_columns", textColumns.isEmpty() ? null : textColumns);
        }
        notEmpty("comment", comment);
        notEmpty("label_separator", labelSeparator);
        if (delimited) {
            rules.fieldKind(kind, labelSeparator);
        }
    }

    private void fieldKind(@Nullable Kind kind, @Nullable String labelSeparator) {
        if (kind == Kind.ENTITIES) {
            throw new IllegalArgumentException("kind is entities, which only jsonl has");
        }
        if (kind == Kind.LABELS && labelSeparator == null) {
            throw new IllegalArgumentException("kind is labels, which needs a label_separator");
        }
        if (kind == Kind.LABEL && labelSeparator != null) {
            throw new IllegalArgumentException(
                    "label_separator is given, but the kind is label; did you mean labels?");
        }
    }

    private void hasNone(String key, @Nullable Object value) {
        if (value != null) {
            throw new IllegalArgumentException(key + " is no key of the format " + name());
        }
    }

    private void present(String key, @Nullable String value) {
        if (value == null) {
            throw new IllegalArgumentException(
                    key + " is missing, the format " + name() + " needs it");
        }
    }

    private void oneOf(String key, @Nullable String value, List<String> known) {
        if (value == null || !known.contains(value)) {
            throw new IllegalArgumentException(
                    key
                            + " is "
                            + (value == null ? "missing" : "'" + value + "'")
                            + ", known in the format "
                            + name()
                            + ": "
                            + String.join(", ", known)
                            + (value == null ? "" : NearestName.hint(value, known)));
        }
    }

    private void numberOrName(String key, @Nullable String value, List<String> names) {
        if (value != null && (names.contains(value) || value.matches("[0-9]{1,4}"))) {
            if (!names.isEmpty() && !names.contains(value)) {
                within(key, Integer.parseInt(value), names);
            }
            return;
        }
        throw new IllegalArgumentException(
                key
                        + " is "
                        + (value == null ? "missing" : "'" + value + "'")
                        + ", in the format "
                        + name()
                        + " it is the number of a column, from 0, or one of the names that"
                        + " 'columns' gives"
                        + (names.isEmpty() ? "" : ": " + String.join(", ", names))
                        + (value == null ? "" : NearestName.hint(value, names)));
    }

    private static void within(String key, int number, List<String> names) {
        if (number >= names.size()) {
            throw new IllegalArgumentException(
                    key + " is " + number + ", 'columns' names " + names.size() + ", from 0");
        }
    }

    private void names(List<String> columns) {
        if (new HashSet<>(columns).size() < columns.size()) {
            throw new IllegalArgumentException("columns are of different names, these are not");
        }
    }

    private void differ(String column, @Nullable String textColumn) {
        if (column.equals(textColumn)) {
            throw new IllegalArgumentException(
                    "column is '" + column + "', which is the text_column");
        }
    }

    private void texts(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            @Nullable Kind kind) {
        present("text_column", textColumn);
        if (!textColumns.isEmpty() && !TEXT.equals(textColumn)) {
            throw new IllegalArgumentException(
                    "text_columns are given, and text_column too; give one of them");
        }
        if (textColumns.size() == 1) {
            throw new IllegalArgumentException(
                    "text_columns are two or more; of one text text_column says which it is");
        }
        if (new HashSet<>(textColumns).size() < textColumns.size()) {
            throw new IllegalArgumentException("text_columns names a column twice");
        }
        if (kind != Kind.NONE) {
            for (var text : textColumns) {
                differ(column, text);
            }
            if (textColumns.isEmpty()) {
                differ(column, textColumn);
            }
        }
    }

    private void character(@Nullable String separator) {
        if (separator == null || separator.length() != 1 || "\"\r\n".contains(separator)) {
            throw new IllegalArgumentException(
                    "separator is "
                            + (separator == null ? "missing" : "'" + separator + "'")
                            + ", in the format csv it is one character, such as ';'");
        }
    }

    private static void notEmpty(String key, @Nullable String value) {
        if (value != null && value.isEmpty()) {
            throw new IllegalArgumentException(key + " is empty; leave it out for none");
        }
    }

    private String name() {
        return format.name().toLowerCase(Locale.ROOT);
    }
}
