package dev.mtl.train.teacher;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The teachers that the heads of tasks name, and their embeddings of all texts of these tasks: each
 * text is read once, before training, and what a run has computed is kept in its directory.
 */
public final class Teachers {
    private final SequencedMap<String, String> models = new LinkedHashMap<>();
    private final Map<String, List<TaughtTexts>> texts = new HashMap<>();

    private Teachers() {}

    /**
     * How teachers are asked.
     *
     * @param store finds a model by its name or folder
     * @param options how teachers run
     * @param run the directory where an earlier run may have kept embeddings
     * @param processes that train together; each asks about a part of the texts
     * @param note is told of what is computed
     */
    public record Setup(
            Function<String, ModelDirectory> store,
            EncoderOptions options,
            Path run,
            Collective processes,
            Consumer<String> note) {}

    /**
     * Asks the teachers of tasks about the texts of data sets.
     *
     * @param shared the data that all processes have
     * @param own the data that this process alone has; together all that {@link #teach} is called
     *     for later
     * @throws ConfigurationException if a task names no model, its data is streamed, or processes
     *     have other texts
     */
    public static Teachers of(
            Collection<TaskConfig> tasks,
            HeadRegistry heads,
            List<Dataset> shared,
            List<Dataset> own,
            Setup setup) {
        var teachers = new Teachers();
        for (var task : tasks) {
            teacher(task, heads).ifPresent(model -> teachers.models.put(task.name(), model));
        }
        for (var name : new LinkedHashSet<>(teachers.models.values())) {
            var model = setup.store().apply(name);
            var ofAll = teachers.textsFor(name, shared);
            var ofThis = teachers.textsFor(name, own);
            if (setup.processes().size() == 1) { // one pass for all of them
                ofAll.addAll(ofThis);
            }
            ofThis.removeAll(ofAll);
            var taught = new ArrayList<TaughtTexts>();
            taught.add(TaughtTexts.of(model, List.copyOf(ofAll), setup, setup.processes()));
            if (!ofThis.isEmpty()) {
                taught.add(TaughtTexts.of(model, List.copyOf(ofThis), setup, Collective.alone()));
            }
            teachers.texts.put(name, taught);
        }
        return teachers;
    }

    private static Optional<String> teacher(TaskConfig task, HeadRegistry heads) {
        try {
            var model = teacher(heads.provider(task.head()), task.settings());
            if (model.isPresent() && task.data().streaming()) {
                throw new IllegalArgumentException(
                        "data.streaming reads texts again in each epoch, and the embeddings of the"
                                + " teacher "
                                + model.get()
                                + " are kept in memory; leave streaming out");
            }
            return task.data().train() == null ? Optional.empty() : model;
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("tasks." + task.name() + ": " + e.getMessage(), e);
        }
    }

    private static <P extends Record> Optional<String> teacher(
            HeadProvider<P> provider, Record settings) {
        @SuppressWarnings("unchecked") // the configuration was read into the provider's class
        var typed = (P) settings;
        return provider.teacher(typed);
    }

    private SequencedSet<String> textsFor(String model, List<Dataset> datasets) {
        var all = new LinkedHashSet<String>();
        for (var dataset : datasets) {
            if (dataset.tasks().stream().anyMatch(task -> model.equals(models.get(task)))) {
                dataset.examples().stream()
                        .flatMap(example -> example.texts().stream())
                        .map(PreTokenizedText::text)
                        .forEach(all::add);
            }
        }
        return all;
    }

    /** Data sets whose targets have what the teachers say of the texts. */
    public List<Dataset> teach(List<Dataset> datasets) {
        return datasets.stream().map(this::teach).toList();
    }

    private Dataset teach(Dataset dataset) {
        var taught = dataset.tasks().stream().filter(models::containsKey).toList();
        if (taught.isEmpty()) {
            return dataset;
        }
        var examples = new ArrayList<Example>();
        for (var example : dataset.examples()) {
            var targets = new HashMap<>(example.targets());
            for (var task : taught) {
                var said = Objects.requireNonNull(texts.get(models.get(task)));
                targets.computeIfPresent(
                        task,
                        (_, target) ->
                                new Target.Taught(
                                        target,
                                        example.texts().stream()
                                                .map(text -> embedding(said, text.text()))
                                                .toList()));
            }
            examples.add(new Example(example.id(), example.place(), example.texts(), targets));
        }
        return new Dataset(dataset.source(), dataset.tasks(), examples);
    }

    private static float[] embedding(List<TaughtTexts> taught, String text) {
        for (var some : taught) {
            var embedding = some.embedding(text);
            if (embedding != null) {
                return embedding;
            }
        }
        throw new IllegalStateException("no teacher has read: " + text);
    }

    /** Keeps the embeddings in the directory of a run, so that they need not be computed again. */
    public void keep(Path run) {
        texts.values().stream().flatMap(List::stream).forEach(some -> some.keep(run));
    }
}
