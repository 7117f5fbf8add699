package dev.mtl.train.streaming;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Example;
import dev.mtl.train.loading.DataSource;
import dev.mtl.train.loading.DatasetEncoder;
import dev.mtl.train.loading.RowExamples;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The streamed training data of a configuration, once a first pass has seen it. */
public final class StreamedSources {
    /** Encoding takes a small part of the time that a step takes; more would wait. */
    private static final int MOST_THREADS = 4;

    private final List<Source> sources;

    private record Source(DataSource source, List<TaskConfig> tasks, StreamScan scan) {}

    private StreamedSources(List<Source> sources) {
        this.sources = sources;
    }

    /** Receives the progress of first passes. */
    public interface Progress {
        /** So many rows of a source were read. */
        void read(String source, long rows);
    }

    /** The tasks whose training data is in memory. */
    public static List<TaskConfig> inMemory(Collection<TaskConfig> tasks) {
        return tasks.stream().filter(task -> !task.data().streaming()).toList();
    }

    /**
     * Reads the streamed training data of tasks, or what an earlier run has kept of it.
     *
     * @param inMemory examples by what the configuration calls them instead of a file
     * @param run the directory of the run that goes on; null for a new one
     * @throws ConfigurationException if tasks that share rows do not agree, or a file has changed
     *     since the run began
     * @throws dev.mtl.core.MtlException if data cannot be read; names file and line
     */
    public static StreamedSources scan(
            Collection<TaskConfig> tasks,
            Map<String, ? extends Iterable<Example>> inMemory,
            HeadRegistry heads,
            @Nullable Path run,
            Progress progress) {
        var bySource = new LinkedHashMap<DataSource.Shared, List<TaskConfig>>();
        for (var task : tasks) {
            var file = task.data().file(Split.TRAIN);
            if (file != null) {
                bySource.computeIfAbsent(
                                DataSource.Shared.of(
                                        DataSource.of(task.data(), file, Split.TRAIN, inMemory),
                                        task),
                                s -> new ArrayList<>())
                        .add(task);
            }
        }
        var kept = run == null ? KeptScans.NONE : KeptScans.read(run);
        var sources = new ArrayList<Source>();
        bySource.forEach(
                (shared, members) -> {
                    var source = shared.source();
                    requireSame(source, members);
                    if (members.getFirst().data().streaming()) {
                        sources.add(
                                new Source(
                                        source,
                                        members,
                                        kept.of(
                                                source,
                                                members,
                                                () ->
                                                        FirstPass.of(
                                                                source,
                                                                members,
                                                                heads,
                                                                rows ->
                                                                        progress.read(
                                                                                source.name(),
                                                                                rows)))));
                    }
                });
        return new StreamedSources(sources);
    }

    private static void requireSame(DataSource source, List<TaskConfig> tasks) {
        var first = tasks.getFirst().data();
        for (var task : tasks) {
            if (task.data().streaming() != first.streaming()
                    || task.data().bufferSize() != first.bufferSize()) {
                throw new ConfigurationException(
                        "tasks."
                                + tasks.getFirst().name()
                                + " and tasks."
                                + task.name()
                                + " read "
                                + source.name()
                                + " together: give both the same data.streaming and"
                                + " data.buffer_size");
            }
        }
    }

    /** The labels that the head of a task has learned; empty if its data is not streamed. */
    public Optional<List<String>> labels(String task) {
        return sources.stream()
                .filter(own -> own.scan().tasks().contains(task))
                .map(own -> Objects.requireNonNull(own.scan().labels().get(task)))
                .findFirst();
    }

    /** The targets of a task whose data is streamed; they are read when they are iterated. */
    public StreamedTargets targets(String task) {
        var own =
                sources.stream()
                        .filter(source -> source.scan().tasks().contains(task))
                        .findFirst()
                        .orElseThrow();
        var columns = FirstPass.columns(own.source(), own.tasks());
        return new StreamedTargets(
                () -> FirstPass.open(own.source(), columns, (file, rows) -> {}),
                new RowExamples(own.source(), own.tasks(), own.scan().schemes(columns)),
                task);
    }

    /** The data sets as a model's tokenizer and heads encode them. */
    public List<StreamedDataset> encode(DatasetEncoder encoder) {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, MOST_THREADS);
        return sources.stream()
                .map(
                        own ->
                                new StreamedDataset(
                                        own.source(),
                                        own.tasks(),
                                        own.scan(),
                                        own.tasks().getFirst().data().bufferSize(),
                                        threads,
                                        encoder))
                .toList();
    }

    /** Keeps what the first passes found out, so that a run that goes on need not repeat them. */
    public void keep(Path run) {
        if (!sources.isEmpty()) {
            KeptScans.write(run, sources.stream().map(Source::scan).toList());
        }
    }
}
