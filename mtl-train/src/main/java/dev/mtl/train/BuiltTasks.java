package dev.mtl.train;

import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.config.DataConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.settings.TaskSettings;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The objects of tasks that YAML cannot have, providers of heads and data sets in memory, and what
 * the configuration has in their place.
 */
final class BuiltTasks {
    private static final Set<String> SPLITS = Set.of("train", "validation", "test");

    private final SequencedMap<String, Iterable<Example>> inMemory = new LinkedHashMap<>();
    private final IdentityHashMap<Iterable<?>, String> names = new IdentityHashMap<>();
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
    Map<String, Iterable<Example>> inMemory() {
        return inMemory;
    }

    private Map<String, @Nullable Object> replace(Map<?, ?> keys) {
        var replaced = new LinkedHashMap<String, @Nullable Object>();
        boolean streaming = Boolean.TRUE.equals(keys.get("streaming"));
        keys.forEach(
                (key, value) ->
                        replaced.put((String) key, replace((String) key, value, streaming)));
        return replaced;
    }

    private @Nullable Object replace(String key, @Nullable Object value, boolean streaming) {
        return switch (value) {
            case HeadProvider<?> provider -> {
                heads = heads.with(provider);
                yield provider.type();
            }
            case Dataset dataset ->
                    nameOf(
                            dataset,
                            dataset.source().isEmpty() ? key : dataset.source(),
                            () -> dataset);
            case Path file -> file; // which is an Iterable, too
            case Iterable<?> examples when SPLITS.contains(key) ->
                    nameOf(
                            examples,
                            key,
                            () ->
                                    key.equals("train") && streaming
                                            ? new ExamplesAgain(key, typed(examples))
                                            : Dataset.of(typed(examples)));
            case Map<?, ?> below when key.equals("data") -> replace(below);
            case null, default -> value;
        };
    }

    @SuppressWarnings("unchecked") // DataSettings takes no others
    private static Iterable<Example> typed(Iterable<?> examples) {
        return (Iterable<Example>) examples;
    }

    /** One value for each data set, so that tasks that are given the same one share it. */
    private String nameOf(Iterable<?> given, String source, Supplier<Iterable<Example>> examples) {
        return names.computeIfAbsent(
                given,
                _ -> {
                    var name = DataConfig.inMemory(source);
                    for (int i = 2; inMemory.containsKey(name); i++) {
                        name = DataConfig.inMemory(source) + "-" + i;
                    }
                    inMemory.put(name, examples.get());
                    return name;
                });
    }
}
