package dev.mtl.train.loading;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tasks as YAML describes their data; they are called t0, t1 and so on. */
final class DataTasks {
    private DataTasks() {}

    /**
     * Tasks with this data, each a mapping in YAML's flow style; further keys of the task may
     * follow it.
     */
    static Collection<TaskConfig> of(String... data) {
        var yaml =
                "tasks:\n"
                        + IntStream.range(0, data.length)
                                .mapToObj(i -> "  t" + i + ": {head: majority, data: " + data[i])
                                .collect(Collectors.joining("}\n"))
                        + "}\n";
        try {
            var file = Files.createTempFile("tasks", ".yaml");
            try {
                Files.writeString(file, yaml);
                return ConfigLoader.load(file, Map.of(), List.of(), HeadRegistry.load())
                        .tasks()
                        .values();
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The only dataset of training data. */
    static Dataset read(String... data) {
        var datasets = DatasetReader.read(of(data), Split.TRAIN);
        if (datasets.size() != 1) {
            throw new AssertionError("datasets: " + datasets);
        }
        return datasets.getFirst();
    }

    /** What a task should say of an example. */
    static Target target(Dataset dataset, int example, String task) {
        return Objects.requireNonNull(dataset.examples().get(example).targets().get(task));
    }

    /** The data of {@code file}, with further keys. */
    static String data(String format, Path file, String more) {
        return "{format: " + format + ", train: \"" + file + "\"" + more + "}";
    }
}
