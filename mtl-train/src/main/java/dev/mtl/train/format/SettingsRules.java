package dev.mtl.train.format;

import dev.mtl.core.internal.NearestName;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.List;

/**
 * Checks that several formats have in common. Every message begins with its key, by which the
 * configuration's line is found.
 *
 * @param format its name in YAML
 */
record SettingsRules(String format) {
    /** The default column of the text. */
    static final String TEXT = "text";

    static SettingsRules of(String format) {
        return new SettingsRules(format);
    }

    /** The columns of an example's texts. */
    static List<String> texts(@Nullable String textColumn, List<String> textColumns) {
        return textColumns.isEmpty() ? List.of(String.valueOf(textColumn)) : textColumns;
    }

    /** Gives the value back. */
    String oneOf(String key, @Nullable String value, List<String> known) {
        if (value == null || !known.contains(value)) {
            throw new IllegalArgumentException(
                    key
                            + " is "
                            + (value == null ? "missing" : "'" + value + "'")
                            + ", known in the format "
                            + format
                            + ": "
                            + String.join(", ", known)
                            + (value == null ? "" : NearestName.hint(value, known)));
        }
        return value;
    }

    /** Gives the value back. */
    String numberOrName(String key, @Nullable String value, List<String> names) {
        if (value != null && (names.contains(value) || value.matches("[0-9]{1,4}"))) {
            if (!names.isEmpty() && !names.contains(value)) {
                within(key, Integer.parseInt(value), names);
            }
            return value;
        }
        throw new IllegalArgumentException(
                key
                        + " is "
                        + (value == null ? "missing" : "'" + value + "'")
                        + ", in the format "
                        + format
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

    void distinct(List<String> columns) {
        if (new HashSet<>(columns).size() < columns.size()) {
            throw new IllegalArgumentException("columns names a column twice");
        }
    }

    void differ(String column, String textColumn) {
        if (column.equals(textColumn)) {
            throw new IllegalArgumentException(
                    "column is '" + column + "', which is the text_column");
        }
    }

    /** Checks the columns of a table against their names, where these are given. */
    void table(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            List<String> columns,
            @Nullable Kind kind) {
        distinct(columns);
        if (!columns.isEmpty()) {
            if (kind != Kind.NONE) {
                oneOf("column", column, columns);
            }
            for (var text : textColumns) {
                oneOf("text_columns", text, columns);
            }
            if (textColumns.isEmpty()) {
                oneOf("text_column", textColumn, columns);
            }
        }
        texts(column, textColumn, textColumns, kind);
    }

    void texts(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            @Nullable Kind kind) {
        if (textColumn == null) {
            throw new IllegalArgumentException(
                    "text_column is missing, the format " + format + " needs it");
        }
        if (!textColumns.isEmpty() && !TEXT.equals(textColumn)) {
            throw new IllegalArgumentException(
                    "text_columns are given, and text_column too; give one of them");
        }
        if (textColumns.size() == 1) {
            throw new IllegalArgumentException(
                    "text_columns are two or more; one text is named by text_column");
        }
        if (new HashSet<>(textColumns).size() < textColumns.size()) {
            throw new IllegalArgumentException("text_columns names a column twice");
        }
        if (kind != Kind.NONE) {
            texts(textColumn, textColumns).forEach(text -> differ(column, text));
        }
    }

    void fieldKind(@Nullable Kind kind, @Nullable String labelSeparator) {
        notEmpty("label_separator", labelSeparator);
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

    void character(@Nullable String separator) {
        if (separator == null || separator.length() != 1 || "\"\r\n".contains(separator)) {
            throw new IllegalArgumentException(
                    "separator is "
                            + (separator == null ? "missing" : "'" + separator + "'")
                            + ", in the format csv it is one character, such as ';'");
        }
    }

    void notEmpty(String key, @Nullable String value) {
        if (value != null && value.isEmpty()) {
            throw new IllegalArgumentException(key + " is empty; leave it out for none");
        }
    }
}
