package dev.mtl.train.loading;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.torch.logging.Loggers;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat;
import dev.mtl.train.tags.TagScheme;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Reads the data of tasks. Tasks that read the same file in the same way, or are given the same
 * data set in memory, share a dataset.
 */
public final class DatasetReader {
    private static final Logger LOG = Loggers.of(DatasetReader.class);

    private final DataSource source;
    private final List<TaskConfig> tasks;
    private final @Nullable Consumer<String> problems;
    private final SkippedRows skipped;
    private final SequencedMap<String, Integer> withoutTarget = new LinkedHashMap<>();
    private int unreadable;

    private DatasetReader(
            DataSource source,
            List<TaskConfig> tasks,
            @Nullable Consumer<String> problems,
            SkippedRows skipped) {
        this.source = source;
        this.tasks = tasks;
        this.problems = problems;
        this.skipped = skipped;
    }

    /**
     * Reads a split.
     *
     * @return a dataset for each file; tasks without a file for this split are in none
     * @throws MtlException if data cannot be read; names file and line
     */
    public static List<Dataset> read(Collection<TaskConfig> tasks, Split split) {
        return read(tasks, split, Map.of());
    }

    /**
     * Reads a split of tasks that may have data in memory.
     *
     * @param inMemory data sets by what the configuration calls them instead of a file
     * @return a dataset for each file and each data set in memory
     * @throws MtlException if data cannot be read; names file and line
     */
    public static List<Dataset> read(
            Collection<TaskConfig> tasks,
            Split split,
            Map<String, ? extends Iterable<Example>> inMemory) {
        return read(tasks, split, inMemory, null, new SkippedRows());
    }

    /**
     * Reads a split of tasks.
     *
     * @param skipped is told of the rows that some task cannot use
     * @return a dataset for each file
     * @throws MtlException if data cannot be read; names file and line
     */
    public static List<Dataset> read(
            Collection<TaskConfig> tasks, Split split, SkippedRows skipped) {
        return read(tasks, split, Map.of(), null, skipped);
    }

    /**
     * Reads a split and leaves out all rows that cannot be read, whatever {@code on_bad_row} says.
     *
     * @param problems receives a message for each of these rows, and for inconsistent tags
     * @throws MtlException if a whole file cannot be read
     */
    static List<Dataset> inspect(
            Collection<TaskConfig> tasks, Split split, Consumer<String> problems) {
        return read(tasks, split, Map.of(), problems, new SkippedRows());
    }

    private static List<Dataset> read(
            Collection<TaskConfig> tasks,
            Split split,
            Map<String, ? extends Iterable<Example>> inMemory,
            @Nullable Consumer<String> problems,
            SkippedRows skipped) {
        var bySource = new LinkedHashMap<DataSource.Shared, List<TaskConfig>>();
        for (var task : tasks) {
            var file = task.data().file(split);
            if (file != null) {
                bySource.computeIfAbsent(
                                DataSource.Shared.of(
                                        DataSource.of(task.data(), file, split, inMemory), task),
                                s -> new ArrayList<>())
                        .add(task);
            }
        }
        var datasets = new ArrayList<Dataset>();
        bySource.forEach(
                (shared, members) ->
                        datasets.add(
                                new DatasetReader(shared.source(), members, problems, skipped)
                                        .read()));
        return datasets;
    }

    private Dataset read() {
        var columns = tasks.stream().map(source::column).distinct().toList();
        var read = new ArrayList<DataFormat.Row>();
        int taken = 0;
        try (var open = source.open(columns)) {
            int id = 1;
            for (var raw = open.next(); raw != null; raw = open.next(), id++) {
                if (!source.takes(id)) {
                    continue;
                }
                taken++;
                try {
                    read.add(raw.row(id));
                } catch (BadRowException e) {
                    leaveOut(id, tasks, String.valueOf(e.getMessage()));
                    unreadable++;
                }
            }
            open.passedOver().ifPresent(LOG::info);
        }
        var marking =
                tasks.stream()
                        .filter(TaskConfig::tagsMarkEntities)
                        .map(source::column)
                        .distinct()
                        .toList();
        var schemes = schemes(marking, read);
        var rows = new RowExamples(source, tasks, schemes);
        var examples = new ArrayList<Example>(read.size());
        for (var row : read) {
            var example = example(rows.read(row));
            if (example.targets().isEmpty()) {
                unreadable++;
            } else {
                examples.add(example);
            }
        }
        reportSkipped(taken);
        if (examples.isEmpty()) {
            throw new MtlException(source.name() + ": has no row that can be read");
        }
        return new Dataset(source.name(), tasks.stream().map(TaskConfig::name).toList(), examples);
    }

    /**
     * Leaves a row out for some tasks.
     *
     * @throws BadRowException if one of them says {@code on_bad_row: fail}
     */
    private void leaveOut(int id, List<TaskConfig> without, String mistake) {
        if (problems == null) {
            RowExamples.requireSkip(without, mistake);
        }
        skipped.add(source.name(), id);
        tell("skipped: ", mistake);
    }

    private void reportSkipped(int taken) {
        if (problems != null) {
            return;
        }
        if (unreadable > 0) {
            LOG.warn("{}: {} of {} rows skipped", source.name(), unreadable, taken);
        }
        withoutTarget.forEach(
                (task, count) ->
                        LOG.warn(
                                "{}: task '{}' skips {} of {} rows that other tasks use",
                                source.name(),
                                task,
                                count,
                                taken));
    }

    /** The tag scheme of each column whose tags mark entities. */
    private Map<DataColumn, TagScheme> schemes(
            List<DataColumn> columns, List<DataFormat.Row> rows) {
        var schemes = new LinkedHashMap<DataColumn, TagScheme>();
        for (var column : columns) {
            var tags = new ArrayList<List<String>>();
            for (var row : rows) {
                if (row.targets().get(column) instanceof Target.Tags(var sentence)) {
                    tags.add(sentence);
                }
            }
            if (!tags.isEmpty()) {
                var scheme = TagScheme.of(tags);
                schemes.put(column, scheme);
                report(column, scheme, rows);
            }
        }
        return schemes;
    }

    private void report(DataColumn column, TagScheme scheme, List<DataFormat.Row> rows) {
        if (scheme != TagScheme.BIO2 && scheme != TagScheme.NONE) {
            LOG.info("{}: column {}: {} read as BIO2", source.name(), column.name(), scheme);
        }
        report(column, rows, scheme::mistakes, "have no tag that begins one");
        report(column, rows, scheme::unended, "have no tag that ends them");
    }

    private void report(
            DataColumn column,
            List<DataFormat.Row> rows,
            ToIntFunction<List<String>> count,
            String what) {
        int mistakes = 0;
        var first = "";
        for (var row : rows) {
            if (row.targets().get(column) instanceof Target.Tags(var sentence)) {
                int these = count.applyAsInt(sentence);
                if (these > 0 && mistakes == 0) {
                    first = row.place();
                }
                mistakes += these;
            }
        }
        if (mistakes > 0) {
            tell(
                    "",
                    source.name()
                            + ": column "
                            + column.name()
                            + ": "
                            + mistakes
                            + " entities "
                            + what
                            + "; the first is in the sentence at "
                            + first);
        }
    }

    private void tell(String before, @Nullable String problem) {
        if (problems != null) {
            problems.accept(String.valueOf(problem));
        } else {
            LOG.warn("{}{}", before, problem);
        }
    }

    /** The example of a row, without targets for tasks that cannot use it. */
    private Example example(RowExamples.Read read) {
        var example = read.example();
        if (!example.targets().isEmpty()) {
            read.mistakes().values().stream()
                    .flatMap(List::stream)
                    .forEach(task -> withoutTarget.merge(task.name(), 1, Integer::sum));
        }
        read.mistakes().forEach((mistake, without) -> leaveOut(example.id(), without, mistake));
        return example;
    }
}
