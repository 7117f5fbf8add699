package dev.mtl.train;

import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.config.DataConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.settings.TaskSettings;

import org.jspecify.annotations.Nullable;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The objects of tasks that YAML cannot have, providers of heads and data sets in memory, and what
 * the configuration has in their place.
 */
final class BuiltTasks {
    private final SequencedMap<String, Dataset> inMemory = new LinkedHashMap<>();
    private final IdentityHashMap<Dataset, String> names = new IdentityHashMap<>();
    private HeadRegistry heads;

    BuiltTasks(HeadRegistry heads) {
        this.heads = heads;
    }

    /** The tasks' keys with the type of a provider, and {@code memory:NAME} for a data set. */
    SequencedMap<String, Map<String, ?>> replaceIn(Map<String, TaskSettings> tasks) {
        var replaced = new LinkedHashMap<String, Map<String, ?>>();
        tasks.forEach((name, task) -> replaced.put(name, replace(task.toMap())));
        return replaced;
    }

    /** All heads that the tasks may use. */
    HeadRegistry heads() {
        return heads;
    }

    /** The data sets, by what the configuration has instead of a file. */
    Map<String, Dataset> inMemory() {
        return inMemory;
    }

    private Map<String, @Nullable Object> replace(Map<?, ?> keys) {
        var replaced = new LinkedHashMap<String, @Nullable Object>();
        keys.forEach((key, value) -> replaced.put((String) key, replace((String) key, value)));
        return replaced;
    }

    private @Nullable Object replace(String key, @Nullable Object value) {
        return switch (value) {
            case HeadProvider<?> provider -> {
                heads = heads.with(provider);
                yield provider.type();
            }
            case Dataset dataset -> nameOf(dataset, key);
            case Map<?, ?> below when key.equals("data") -> replace(below);
            case null, default -> value;
        };
    }

    /** One value for each data set, so that tasks that are given the same one share it. */
    private String nameOf(Dataset dataset, String use) {
        return names.computeIfAbsent(
                dataset,
                _ -> {
                    var source = dataset.source().isEmpty() ? use : dataset.source();
                    var name = DataConfig.inMemory(source);
                    for (int i = 2; inMemory.containsKey(name); i++) {
                        name = DataConfig.inMemory(source) + "-" + i;
                    }
                    inMemory.put(name, dataset);
                    return name;
                });
    }
}
