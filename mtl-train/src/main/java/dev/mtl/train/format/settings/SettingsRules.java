package dev.mtl.train.format.settings;

import dev.mtl.core.internal.NearestName;
import dev.mtl.train.format.fields.Markup;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/**
 * Checks that several formats have in common. Every message begins with its key, by which the
 * configuration's line is found.
 *
 * @param format its name in YAML
 */
record SettingsRules(String format) {
    /** The default column of the text. */
    static final String TEXT = "text";

    static final String RFC4180 = "rfc4180";
    static final List<String> QUOTING = List.of(RFC4180, "none");
    static final String FAIL = "fail";
    static final List<String> EXTRA_FIELDS = List.of(FAIL, "ignore");
    static final String EXCLUSIVE = "exclusive";
    static final String UTF16 = "utf16";

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

    void header(@Nullable Boolean header, List<String> columns) {
        if (Boolean.TRUE.equals(header) && !columns.isEmpty()) {
            throw new IllegalArgumentException(
                    "columns gives names for a file without a header, but header is true");
        }
    }

    /** Checks the columns of a table against their names, where these are given. */
    void table(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            List<String> columns,
            @Nullable Kind kind,
            @Nullable String markup) {
        distinct(columns);
        if (!columns.isEmpty()) {
            if (kind != Kind.NONE) {
                numberOrName("column", column, columns);
            }
            for (var text : textColumns) {
                numberOrName("text_columns", text, columns);
            }
            if (textColumns.isEmpty()) {
                numberOrName("text_column", textColumn, columns);
            }
        }
        texts(column, textColumn, textColumns, kind, markup);
    }

    void texts(
            String column,
            @Nullable String textColumn,
            List<String> textColumns,
            @Nullable Kind kind,
            @Nullable String markup) {
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
        if (kind != Kind.NONE && markup == null) {
            texts(textColumn, textColumns).forEach(text -> differ(column, text));
        }
    }

    void fieldKind(@Nullable Kind kind, @Nullable String labelSeparator) {
        notEmpty("label_separator", labelSeparator);
        if (kind == Kind.ENTITIES || kind == Kind.ANSWERS || kind == Kind.RELATIONS) {
            throw new IllegalArgumentException(
                    "kind is "
                            + kind.name().toLowerCase(Locale.ROOT)
                            + ", which only jsonl and parquet have");
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
        boolean character =
                separator != null
                        && (separator.equals("tab")
                                || (separator.length() == 1 && !"\"\r\n".contains(separator)));
        if (!character) {
            throw new IllegalArgumentException(
                    "separator is "
                            + (separator == null ? "missing" : "'" + separator + "'")
                            + ", in the format csv it is one character, such as ';', or tab");
        }
    }

    void names(List<String> names, @Nullable Kind kind) {
        if (new HashSet<>(names).size() < names.size()) {
            throw new IllegalArgumentException("names has a label twice");
        }
        if (!names.isEmpty() && (kind == Kind.VALUE || kind == Kind.NONE)) {
            throw new IllegalArgumentException(
                    "names says what numbers stand for, but the kind is "
                            + kind.name().toLowerCase(Locale.ROOT)
                            + "; leave one of them out");
        }
    }

    void markup(@Nullable String markup) {
        if (markup != null) {
            Markup.of(markup);
        }
    }

    void offsets(@Nullable String spanEnd, @Nullable String offsets) {
        oneOf("span_end", spanEnd, List.of(EXCLUSIVE, "inclusive"));
        oneOf("offsets", offsets, List.of(UTF16, "codepoint"));
    }

    void notEmpty(String key, @Nullable String value) {
        if (value != null && value.isEmpty()) {
            throw new IllegalArgumentException(key + " is empty; leave it out for none");
        }
    }
}
