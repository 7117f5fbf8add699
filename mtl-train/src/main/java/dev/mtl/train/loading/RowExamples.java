package dev.mtl.train.loading;

import dev.mtl.core.head.Target;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat;
import dev.mtl.train.settings.DataSettings.OnBadRow;
import dev.mtl.train.tags.Abbreviated;
import dev.mtl.train.tags.TagScheme;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * Makes examples of rows: with a target for each task that can use its own. Tags are BIO2 where
 * they mark entities, and as the data has them where they do not.
 */
public final class RowExamples {
    private final List<TaskConfig> tasks;
    private final List<DataColumn> columns;
    private final Map<DataColumn, TagScheme> schemes;

    /**
     * Examples of a source.
     *
     * @param tasks that share its rows
     * @param schemes of the columns that have tags
     */
    public RowExamples(
            DataSource source, List<TaskConfig> tasks, Map<DataColumn, TagScheme> schemes) {
        this.tasks = List.copyOf(tasks);
        this.columns = tasks.stream().map(source::column).toList();
        this.schemes = Map.copyOf(schemes);
    }

    /**
     * An example of a row.
     *
     * @param example without targets for tasks that cannot use the row
     * @param mistakes why, with these tasks
     */
    public record Read(Example example, SequencedMap<String, List<TaskConfig>> mistakes) {}

    /** The example of a row. */
    public Read read(DataFormat.Row row) {
        var targets = new LinkedHashMap<String, Target>();
        var mistakes = new LinkedHashMap<String, List<TaskConfig>>();
        for (int i = 0; i < columns.size(); i++) {
            var task = tasks.get(i);
            var column = columns.get(i);
            try {
                var scheme = task.tagsMarkEntities() ? schemes.get(column) : null;
                targets.put(task.name(), target(row, task, column, scheme));
            } catch (BadRowException e) {
                mistakes.computeIfAbsent(String.valueOf(e.getMessage()), m -> new ArrayList<>())
                        .add(task);
            }
        }
        return new Read(new Example(row.id(), row.place(), row.texts(), targets), mistakes);
    }

    /**
     * Requires that some tasks may leave a row out.
     *
     * @throws BadRowException if one of them says {@code on_bad_row: fail}
     */
    public static void requireSkip(List<TaskConfig> tasks, String mistake) {
        if (tasks.stream().anyMatch(task -> task.data().onBadRow() == OnBadRow.FAIL)) {
            throw new BadRowException(mistake + " (data.on_bad_row: skip leaves such rows out)");
        }
    }

    private static Target target(
            DataFormat.Row row, TaskConfig task, DataColumn column, @Nullable TagScheme scheme) {
        var target = row.targets().get(column);
        if (target == null) {
            throw new BadRowException(Objects.requireNonNull(row.mistakes().get(column)));
        }
        return scheme != null && target instanceof Target.Tags(var tags)
                ? bio2(scheme, tags, row)
                : task.target(target, row.texts(), row.place());
    }

    private static Target bio2(TagScheme scheme, List<String> tags, DataFormat.Row row) {
        for (var tag : tags) {
            if (!scheme.allows(tag)) {
                throw new BadRowException(
                        row.place()
                                + ": '"
                                + Abbreviated.of(tag)
                                + "' does not have the form of the other tags: O, or a prefix and a"
                                + " type such as B-person");
            }
        }
        return new Target.Tags(scheme.toBio2(tags));
    }
}
