package dev.mtl.cli.rows;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat;
import dev.mtl.train.settings.DataSettings.OnBadRow;
import dev.mtl.train.tags.TagScheme;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;

/** The rows of a file: their texts, all of their columns, and what the file says of tasks. */
public final class InputRows {
    private final List<DataFormat.RawRow> rows;
    private final Map<TaskConfig, DataColumn> columns;
    private final List<Integer> kept = new ArrayList<>();
    private final Map<DataColumn, TagScheme> schemes = new LinkedHashMap<>();

    private InputRows(List<DataFormat.RawRow> rows, Map<TaskConfig, DataColumn> columns) {
        this.rows = rows;
        this.columns = columns;
    }

    /** A row that is predicted. */
    public record InputRow(
            List<PreTokenizedText> texts,
            SequencedMap<String, @Nullable Object> columns,
            Map<String, Target> gold) {}

    /**
     * Opens a file as the tasks that learned from such files read theirs, or with the defaults of
     * its format if there is no such task.
     *
     * @param tasks of the model's configuration
     * @param texts the columns of the texts; empty for those of the tasks, or the default
     * @param skipped is told of rows that are left out
     * @throws MtlException if the file cannot be read, or a row where none is left out
     */
    public static InputRows open(
            Path file,
            InputFormat format,
            Collection<TaskConfig> tasks,
            List<String> texts,
            OnBadRow onBadRow,
            Consumer<String> skipped) {
        var byReader = new LinkedHashMap<DataFormat, List<TaskConfig>>();
        for (var task : tasks) {
            var settings = task.data().settings();
            if (format.reads(settings)) {
                var reader = settings.reader();
                byReader.computeIfAbsent(
                                texts.isEmpty() ? reader : reader.withTexts(texts),
                                r -> new ArrayList<>())
                        .add(task);
            }
        }
        if (byReader.isEmpty()) {
            var reader = Objects.requireNonNull(format.defaults()).reader();
            byReader.put(texts.isEmpty() ? reader : reader.withTexts(texts), List.of());
        }
        var input = open(file, byReader);
        input.read(onBadRow, skipped);
        return input;
    }

    /** Opens a file by the first reader that finds its columns there. */
    private static InputRows open(Path file, Map<DataFormat, List<TaskConfig>> byReader) {
        @Nullable MtlException first = null;
        for (var entry : byReader.entrySet()) {
            try {
                return open(file, entry.getKey(), entry.getValue());
            } catch (MtlException e) {
                first = first == null ? e : first;
            }
        }
        var failure = Objects.requireNonNull(first);
        var message = hinted(failure);
        throw failure instanceof ConfigurationException
                ? new ConfigurationException(message, failure)
                : new MtlException(message, failure);
    }

    private static InputRows open(Path file, DataFormat reader, List<TaskConfig> tasks) {
        var alone = reader.readAll(file, List.of());
        var there = names(alone);
        var columns = new LinkedHashMap<TaskConfig, DataColumn>();
        for (var task : tasks) {
            if (isThere(task.column().name(), file, there)) {
                columns.put(task, task.column());
            }
        }
        return new InputRows(
                columns.isEmpty()
                        ? alone
                        : reader.readAll(file, columns.values().stream().distinct().toList()),
                columns);
    }

    /** A message with the option that stands for a key of a configuration. */
    private static String hinted(MtlException e) {
        var message = String.valueOf(e.getMessage());
        return message.contains("text_column")
                ? message + " (here: --text-field NAME names the column of the text)"
                : message;
    }

    /** The columns of the first row that can be read. */
    private static List<String> names(List<DataFormat.RawRow> rows) {
        for (var row : rows) {
            try {
                return List.copyOf(row.columns().keySet());
            } catch (BadRowException e) {
                // reported when the rows are read
            }
        }
        return List.of();
    }

    private static boolean isThere(String column, Path file, List<String> names) {
        int dot = column.indexOf('.');
        return names.contains(column)
                || (dot > 0 && names.contains(column.substring(0, dot)))
                || (column.matches("[0-9]{1,4}") && Integer.parseInt(column) < names.size())
                || file.resolve(column).toFile().isFile();
    }

    private void read(OnBadRow onBadRow, Consumer<String> skipped) {
        var tags = new LinkedHashMap<DataColumn, List<List<String>>>();
        for (int i = 0; i < rows.size(); i++) {
            try {
                rows.get(i)
                        .row(i + 1)
                        .targets()
                        .forEach(
                                (column, target) -> {
                                    if (target instanceof Target.Tags(var sentence)) {
                                        tags.computeIfAbsent(column, c -> new ArrayList<>())
                                                .add(sentence);
                                    }
                                });
                kept.add(i);
            } catch (BadRowException e) {
                if (onBadRow == OnBadRow.FAIL) {
                    throw new MtlException(
                            hinted(e) + " (to skip such rows: --on-bad-row skip)", e);
                }
                skipped.accept(String.valueOf(e.getMessage()));
            }
        }
        tags.forEach((column, sentences) -> schemes.put(column, TagScheme.of(sentences)));
    }

    /** The number of rows that can be read. */
    public int size() {
        return kept.size();
    }

    /** The number of texts of each row. */
    public int texts() {
        return kept.isEmpty() ? 1 : rows.get(kept.getFirst()).row(1).texts().size();
    }

    /** The number of rows that are left out. */
    public int skipped() {
        return rows.size() - kept.size();
    }

    /**
     * A row.
     *
     * @param index from 0, among those that can be read
     */
    public InputRow row(int index) {
        int at = kept.get(index);
        var row = rows.get(at).row(at + 1);
        var gold = new LinkedHashMap<String, Target>();
        columns.forEach(
                (task, column) -> {
                    var target = row.targets().get(column);
                    if (target != null) {
                        gold(task, target, row).ifPresent(own -> gold.put(task.name(), own));
                    }
                });
        return new InputRow(row.texts(), rows.get(at).columns(), gold);
    }

    /** What a row says of a task; empty for nothing, and for what is no target of it. */
    private Optional<Target> gold(TaskConfig task, Target target, DataFormat.Row row) {
        if (target instanceof Target.Tags(var tags) && task.tagsMarkEntities()) {
            var scheme = Objects.requireNonNull(schemes.get(task.column()));
            return tags.stream().allMatch(scheme::allows)
                    ? Optional.of(new Target.Tags(scheme.toBio2(tags)))
                    : Optional.empty();
        }
        try {
            var own = task.target(target, row.texts(), row.place());
            return own instanceof Target.Unlabelled ? Optional.empty() : Optional.of(own);
        } catch (BadRowException e) {
            return Optional.empty();
        }
    }
}
