package dev.mtl.train.config;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Where a task's examples are, and how they are laid out there.
 *
 * @param format of the files
 * @param train what the task learns from; null if it is only scored
 * @param validation what the best model is chosen by; null for none
 * @param test what {@code mtl evaluate --split test} scores; null for none
 * @param validationSplit the share of {@code train} that is held out to be the validation data; the
 *     same rows each time
 * @param column which part of a row is the task's
 * @param textColumn which part of a row is the text; null where the format says it
 * @param textColumns instead of it the parts that are texts, for heads that take several
 * @param separator of columns; null where the format says it
 * @param columns their names, for files that do not name them
 * @param comment what lines begin with that are no data; null for none
 * @param labelSeparator between the labels of one field; null if a field is one label
 * @param kind of what the column holds; null for what the format takes it for
 * @param onBadRow whether a row that cannot be read ends the run or is left out and counted
 */
public record DataConfig(
        Format format,
        @Nullable String train,
        @Nullable String validation,
        @Nullable String test,
        double validationSplit,
        String column,
        @Nullable String textColumn,
        List<String> textColumns,
        @Nullable String separator,
        List<String> columns,
        @Nullable String comment,
        @Nullable String labelSeparator,
        @Nullable Kind kind,
        OnBadRow onBadRow) {
    public DataConfig {
        textColumns = List.copyOf(textColumns);
        columns = List.copyOf(columns);
        Checks.within("validation_split", validationSplit, 0, 1);
        if (validationSplit > 0 && validation != null) {
            throw new IllegalArgumentException(
                    "validation_split holds rows of train out, but validation names a file of its"
                            + " own; give one of them");
        }
        if (validationSplit > 0 && train == null) {
            throw new IllegalArgumentException(
                    "validation_split holds rows of train out, and train is null");
        }
        DataConfigRules.check(
                format,
                column,
                textColumn,
                textColumns,
                separator,
                columns,
                comment,
                labelSeparator,
                kind);
    }

    /** A format's own values for what YAML leaves out. */
    public static DataConfig defaults(Format format) {
        return switch (format) {
            case JOINTBERT -> defaults(format, "label", null, null);
            case CONLL -> defaults(format, "1", "0", "whitespace");
            case CSV -> defaults(format, "label", DataConfigRules.TEXT, ",");
            case TSV, JSONL -> defaults(format, "label", DataConfigRules.TEXT, null);
        };
    }

    private static DataConfig defaults(
            Format format, String column, @Nullable String textColumn, @Nullable String separator) {
        return new DataConfig(
                format,
                null,
                null,
                null,
                0,
                column,
                textColumn,
                List.of(),
                separator,
                List.of(),
                null,
                null,
                null,
                OnBadRow.FAIL);
    }

    /** The layouts of files. */
    public enum Format {
        /** A folder with a file for each column. */
        JOINTBERT,
        /** A word a line, with its tags; a blank line after each sentence. */
        CONLL,
        /** RFC 4180, separated by commas. */
        CSV,
        /** RFC 4180, separated by tabs. */
        TSV,
        /** A JSON object a line. */
        JSONL
    }

    /** What a column holds. */
    public enum Kind {
        /** One label for the whole text. */
        LABEL,
        /** Any number of labels for the whole text. */
        LABELS,
        /** A figure for the whole text, or several. */
        VALUE,
        /** Stretches of the text, as objects with start, end and label. */
        ENTITIES,
        /** Nothing: the texts are all there is to learn from, and {@code column} is not read. */
        NONE
    }

    /** What happens at a row that cannot be read. */
    public enum OnBadRow {
        FAIL,
        SKIP
    }

    /** The parts of a row that are texts; empty where the format says which. */
    public List<String> texts() {
        return !textColumns.isEmpty()
                ? textColumns
                : textColumn == null ? List.of() : List.of(textColumn);
    }

    /** The file of a split, null if the configuration names none. */
    public @Nullable String file(Split split) {
        return switch (split) {
            case TRAIN -> train;
            case VALIDATION -> validationSplit > 0 ? train : validation;
            case TEST -> test;
        };
    }

    /** The parts that a data set is split into. */
    public enum Split {
        TRAIN,
        VALIDATION,
        TEST
    }
}
