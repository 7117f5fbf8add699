package dev.mtl.train.data;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.Target;
import dev.mtl.train.config.DataConfig.OnBadRow;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;

/** Reads the data of tasks; those whose data name the same file share its texts. */
public final class DataSets {
    private static final Logger LOG = LoggerFactory.getLogger(DataSets.class);

    private DataSets() {}

    private record Source(String format, String path) {}

    /**
     * Reads a split.
     *
     * @return a group for each file; without the tasks that name none for this split
     * @throws MtlException if data cannot be read; names file and line
     */
    public static List<DataGroup> read(Collection<TaskConfig> tasks, Split split) {
        var bySource = new LinkedHashMap<Source, List<TaskConfig>>();
        for (var task : tasks) {
            var file = task.data().file(split);
            if (file != null) {
                bySource.computeIfAbsent(
                                new Source(task.data().format(), file), s -> new ArrayList<>())
                        .add(task);
            }
        }
        var groups = new ArrayList<DataGroup>();
        bySource.forEach((source, members) -> groups.add(read(source, members)));
        return groups;
    }

    private static DataGroup read(Source source, List<TaskConfig> tasks) {
        var format = DataFormat.named(source.format());
        if (format == null) {
            throw new ConfigurationException(
                    "tasks."
                            + tasks.getFirst().name()
                            + ".data.format: no format '"
                            + source.format()
                            + "'; known: "
                            + String.join(
                                    ", ",
                                    DataFormat.all().stream().map(DataFormat::name).toList()));
        }
        for (var task : tasks) {
            if (!format.columns().contains(task.data().column())) {
                throw new ConfigurationException(
                        "tasks."
                                + task.name()
                                + ".data.column: no column '"
                                + task.data().column()
                                + "' in the format "
                                + format.name()
                                + "; known: "
                                + String.join(", ", format.columns()));
            }
        }
        var columns = tasks.stream().map(task -> task.data().column()).distinct().toList();
        var rows = format.open(Path.of(source.path()), columns);
        boolean skip = tasks.stream().allMatch(t -> t.data().onBadRow() == OnBadRow.SKIP);
        var examples = new ArrayList<Example>(rows.size());
        int skipped = 0;
        for (int i = 0; i < rows.size(); i++) {
            try {
                examples.add(example(rows.row(i), i + 1, tasks));
            } catch (BadRowException e) {
                if (!skip) {
                    throw e;
                }
                skipped++;
                LOG.warn("left out: {}", e.getMessage());
            }
        }
        if (skipped > 0) {
            LOG.warn("{}: {} of {} rows left out", source.path(), skipped, rows.size());
        }
        if (examples.isEmpty()) {
            throw new MtlException(source.path() + ": has no row that can be read");
        }
        return new DataGroup(
                source.path(), tasks.stream().map(TaskConfig::name).toList(), examples);
    }

    private static Example example(DataFormat.Row row, int id, List<TaskConfig> tasks) {
        var targets = new LinkedHashMap<String, Target>();
        for (var task : tasks) {
            targets.put(
                    task.name(),
                    java.util.Objects.requireNonNull(row.targets().get(task.data().column())));
        }
        return new Example(id, row.words(), targets);
    }
}
