package dev.mtl.train.streaming;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.internal.Reasons;
import dev.mtl.torch.logging.Loggers;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.format.DataFormat;
import dev.mtl.train.loading.DataSource;
import dev.mtl.train.loading.RowExamples;
import dev.mtl.train.loading.TaskFactory;
import dev.mtl.train.streaming.StreamScan.ScannedFile;
import dev.mtl.train.tags.TagScheme;

import org.slf4j.Logger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * Reads streamed data before training: counts its rows, finds the scheme of their tags, reports bad
 * rows, and lets the heads learn their labels. Where there are tags, all rows are read twice, since
 * a tag means nothing before its scheme is known; and once more for each task.
 */
final class FirstPass {
    private static final Logger LOG = Loggers.of(FirstPass.class);
    private static final int PROGRESS_ROWS = 10_000;
    private static final int MOST_TOLD = 10_000;

    private final DataSource source;
    private final List<TaskConfig> tasks;
    private final List<DataColumn> columns;
    private final Set<DataColumn> marking;
    private final LongConsumer progress;
    private final Map<Integer, Integer> rowsOfFiles = new HashMap<>();
    private final Map<String, Integer> withoutTarget = new LinkedHashMap<>();
    private final Set<String> told = new HashSet<>();
    private int rows;
    private int examples;
    private int texts;
    private long read;
    private CRC32C checksum = new CRC32C();

    private FirstPass(DataSource source, List<TaskConfig> tasks, LongConsumer progress) {
        this.source = source;
        this.tasks = tasks;
        this.columns = columns(source, tasks);
        this.marking =
                Set.copyOf(
                        columns(
                                source,
                                tasks.stream().filter(TaskConfig::tagsMarkEntities).toList()));
        this.progress = progress;
    }

    static List<DataColumn> columns(DataSource source, List<TaskConfig> tasks) {
        return tasks.stream().map(source::column).distinct().toList();
    }

    /**
     * Reads all rows.
     *
     * @param progress hears how many rows were read, over all passes
     * @throws MtlException if data cannot be read, or a row that may not be left out; names file
     *     and line
     */
    static StreamScan of(
            DataSource source, List<TaskConfig> tasks, HeadRegistry heads, LongConsumer progress) {
        return new FirstPass(source, tasks, progress).run(heads);
    }

    private StreamScan run(HeadRegistry heads) {
        // before they are read: a file that changes meanwhile is another one afterwards
        var files = new ArrayList<ScannedFile>();
        for (var path : source.files()) {
            files.add(source.isInMemory() ? new ScannedFile("", 0, 0, 0) : file(path));
        }
        var schemes = pass(Map.of());
        if (!schemes.isEmpty()) {
            pass(schemes);
        }
        report(schemes);
        if (examples == 0) {
            throw new MtlException(source.name() + ": has no row that can be read");
        }
        var labels = new LinkedHashMap<String, List<String>>();
        for (var task : tasks) {
            try (var targets =
                    new StreamedTargets(
                            this::open, new RowExamples(source, tasks, schemes), task.name())) {
                labels.put(task.name(), TaskFactory.learnLabels(task, heads, targets));
            }
        }
        var byPlace = new HashMap<Integer, TagScheme>();
        schemes.forEach((column, scheme) -> byPlace.put(columns.indexOf(column), scheme));
        return new StreamScan(
                source.name(),
                tasks.stream().map(TaskConfig::name).toList(),
                IntStream.range(0, files.size())
                        .mapToObj(i -> withRows(files.get(i), rowsOfFiles.getOrDefault(i, 0)))
                        .toList(),
                rows,
                examples,
                texts,
                byPlace,
                labels,
                Long.toHexString(checksum.getValue()));
    }

    private static ScannedFile withRows(ScannedFile file, int rows) {
        return new ScannedFile(file.path(), file.size(), file.modified(), rows);
    }

    /**
     * A file as it is now, without its rows.
     *
     * @throws MtlException if it is not there
     */
    static ScannedFile file(Path path) {
        try {
            return new ScannedFile(
                    path.toString(),
                    Files.isDirectory(path) ? 0 : Files.size(path),
                    Files.getLastModifiedTime(path).toMillis(),
                    0);
        } catch (IOException e) {
            throw new MtlException(path + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    private RowStream open() {
        return open(source, columns, rowsOfFiles::put);
    }

    /** All rows, in the order of the files. */
    static RowStream open(DataSource source, List<DataColumn> columns, RowStream.FileEnd end) {
        return new RowStream(
                source, columns, IntStream.range(0, source.files().size()).toArray(), null, end);
    }

    /**
     * Reads all rows with the schemes of columns that have tags.
     *
     * @return the schemes that the tags show
     */
    private Map<DataColumn, TagScheme> pass(Map<DataColumn, TagScheme> known) {
        rows = 0;
        examples = 0;
        checksum = new CRC32C();
        withoutTarget.clear();
        var detectors = new LinkedHashMap<DataColumn, TagScheme.Detector>();
        var all = new RowExamples(source, tasks, known);
        try (var open = open()) {
            for (var next = open.next(); next != null; next = open.next()) {
                rows++;
                count();
                DataFormat.Row row;
                try {
                    row = next.row().row(next.id());
                } catch (BadRowException e) {
                    leaveOut(tasks, String.valueOf(e.getMessage()));
                    continue;
                }
                texts = texts == 0 ? row.texts().size() : texts;
                row.targets()
                        .forEach(
                                (column, target) -> {
                                    if (target instanceof Target.Tags(var tags)
                                            && marking.contains(column)) {
                                        detectors
                                                .computeIfAbsent(
                                                        column, c -> new TagScheme.Detector())
                                                .add(tags);
                                    }
                                });
                add(all.read(row));
            }
        }
        var schemes = new LinkedHashMap<DataColumn, TagScheme>();
        detectors.forEach((column, detector) -> schemes.put(column, detector.scheme()));
        return schemes;
    }

    private void add(RowExamples.Read read) {
        read.mistakes().forEach((mistake, without) -> leaveOut(without, mistake));
        if (read.example().targets().isEmpty()) {
            return;
        }
        read.mistakes().values().stream()
                .flatMap(List::stream)
                .forEach(task -> withoutTarget.merge(task.name(), 1, Integer::sum));
        examples++;
        RunIdentity.update(checksum, read.example());
    }

    private void count() {
        if (++read % PROGRESS_ROWS == 0) {
            progress.accept(read);
        }
    }

    private void leaveOut(List<TaskConfig> without, String mistake) {
        RowExamples.requireSkip(without, mistake);
        // a second pass finds the same mistakes; a set of them would grow with the data
        if (told.size() < MOST_TOLD && told.add(mistake)) {
            LOG.warn("skipped: {}", mistake);
        }
    }

    private void report(Map<DataColumn, TagScheme> schemes) {
        schemes.forEach(
                (column, scheme) -> {
                    if (scheme != TagScheme.BIO2 && scheme != TagScheme.NONE) {
                        LOG.info(
                                "{}: column {}: {} read as BIO2",
                                source.name(),
                                column.name(),
                                scheme);
                    }
                });
        if (examples < rows) {
            LOG.warn("{}: {} of {} rows skipped", source.name(), rows - examples, rows);
        }
        withoutTarget.forEach(
                (task, count) ->
                        LOG.warn(
                                "{}: task '{}' skips {} of {} rows that other tasks use",
                                source.name(),
                                task,
                                count,
                                rows));
    }
}
