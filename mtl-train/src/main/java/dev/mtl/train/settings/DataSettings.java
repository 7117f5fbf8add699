package dev.mtl.train.settings;

import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A task's {@code data}: files and how they are read, or examples in memory. Tasks that read the
 * same file in the same way, or are given the same {@link Dataset}, share its texts: one forward
 * pass serves them all.
 */
public final class DataSettings extends Keys<DataSettings> {
    /** What happens at a row that cannot be read. */
    public enum OnBadRow {
        /** The run ends. */
        FAIL,
        /** The row is left out and counted. */
        SKIP
    }

    /** What a column holds. */
    public enum Kind {
        /** One label for the whole text. */
        LABEL,
        /** Any number of labels for the whole text. */
        LABELS,
        /** A tag for each word. */
        TAGS,
        /** One or several numbers for the whole text. */
        VALUE,
        /** Spans of the text, as objects with start, end and label. */
        ENTITIES,
        /** Answers to the first of two texts in the second, with their text and start. */
        ANSWERS,
        /** Pairs of spans of the text, as objects with head, tail and label. */
        RELATIONS,
        /** Nothing: the task learns from the texts alone, and {@code column} is not read. */
        NONE
    }

    /** No key is set. */
    public DataSettings() {}

    /** The format of the files: {@code jointbert}, {@code conll}, {@code csv}, ... */
    public DataSettings format(String format) {
        return set("format", format);
    }

    /** The file that the task learns from; null for a task that is only scored. */
    public DataSettings train(@Nullable String file) {
        return set("train", file);
    }

    /** As {@link #train(String)}. */
    public DataSettings train(Path file) {
        return train(file.toString());
    }

    /** Examples in memory that the task learns from; each has a target for this task. */
    public DataSettings train(Dataset examples) {
        return set("train", examples);
    }

    /**
     * Examples that the task learns from. They are read once, when the configuration is built; with
     * {@link #streaming} they are iterated before training, and again in each epoch, and must then
     * be the same each time.
     */
    public DataSettings train(Iterable<Example> examples) {
        return set("train", examples);
    }

    /** The file that the best model is selected by. */
    public DataSettings validation(@Nullable String file) {
        return set("validation", file);
    }

    /** As {@link #validation(String)}. */
    public DataSettings validation(Path file) {
        return validation(file.toString());
    }

    /** Examples in memory that the best model is selected by; each has a target for this task. */
    public DataSettings validation(Dataset examples) {
        return set("validation", examples);
    }

    /** Examples that the best model is selected by, read once. */
    public DataSettings validation(Iterable<Example> examples) {
        return set("validation", examples);
    }

    /** The file that {@code mtl evaluate --split test} scores. */
    public DataSettings test(@Nullable String file) {
        return set("test", file);
    }

    /** As {@link #test(String)}. */
    public DataSettings test(Path file) {
        return test(file.toString());
    }

    /**
     * A corpus that is searched by sentence embeddings in each evaluation, in BEIR's files.
     *
     * @param queries JSON lines with {@code _id} and {@code text}
     * @param corpus the same of the texts that are searched
     * @param relevant a table of query, text and relevance
     * @param k the scores are those of the first so many texts
     */
    public DataSettings retrieval(Path queries, Path corpus, Path relevant, Integer... k) {
        return set(
                "retrieval",
                Map.of(
                        "queries",
                        queries.toString(),
                        "corpus",
                        corpus.toString(),
                        "relevant",
                        relevant.toString(),
                        "k",
                        List.of(k)));
    }

    /**
     * The share of the training data that is held out as validation data, always the same rows; in
     * [0, 1), 0 for none.
     */
    public DataSettings validationSplit(double share) {
        return set("validation_split", share);
    }

    /**
     * The share of the training data that is held out as test data, always the same rows; in [0,
     * 1), 0 for none.
     */
    public DataSettings testSplit(double share) {
        return set("test_split", share);
    }

    /** Whether the training data is read again in each epoch instead of kept in memory. */
    public DataSettings streaming(boolean streaming) {
        return set("streaming", streaming);
    }

    /** Of streamed data: the rows among which the next one is drawn. */
    public DataSettings bufferSize(int rows) {
        return set("buffer_size", rows);
    }

    /** What happens at a row that cannot be read. */
    public DataSettings onBadRow(OnBadRow onBadRow) {
        return set("on_bad_row", onBadRow);
    }

    /** The part of a row that the task learns: the name or number of a column, a field, a file. */
    public DataSettings column(String column) {
        return set("column", column);
    }

    /** The column or field of the text. */
    public DataSettings textColumn(String column) {
        return set("text_column", column);
    }

    /** The columns or fields of several texts, for heads that take more than one. */
    public DataSettings textColumns(String... columns) {
        return set("text_columns", List.of(columns));
    }

    /** What separates the columns of a file. */
    public DataSettings separator(String separator) {
        return set("separator", separator);
    }

    /** The names of all columns, for files that do not say them. */
    public DataSettings columns(String... names) {
        return set("columns", List.of(names));
    }

    /** The prefix of comment lines. */
    public DataSettings comment(String prefix) {
        return set("comment", prefix);
    }

    /** What separates the labels of one field. */
    public DataSettings labelSeparator(String separator) {
        return set("label_separator", separator);
    }

    /** What the column holds, where the format does not say it. */
    public DataSettings kind(Kind kind) {
        return set("kind", kind);
    }

    /** Whether the first record of a table has the names of its columns. */
    public DataSettings header(boolean header) {
        return set("header", header);
    }

    /** Whether the fields of a table may be quoted: {@code rfc4180} or {@code none}. */
    public DataSettings quoting(String quoting) {
        return set("quoting", quoting);
    }

    /** What happens to fields behind the last column: {@code fail} or {@code ignore}. */
    public DataSettings extraFields(String extraFields) {
        return set("extra_fields", extraFields);
    }

    /** The labels that the column has as numbers, from 0. */
    public DataSettings names(String... labels) {
        return set("names", List.of(labels));
    }

    /** How entities are marked in the texts, such as {@code [label : text]}. */
    public DataSettings markup(String template) {
        return set("markup", template);
    }

    /** Whether the end of an entity is {@code exclusive} or {@code inclusive}. */
    public DataSettings spanEnd(String spanEnd) {
        return set("span_end", spanEnd);
    }

    /** What entities of a string count: {@code utf16} units or {@code codepoint}s. */
    public DataSettings offsets(String offsets) {
        return set("offsets", offsets);
    }
}
