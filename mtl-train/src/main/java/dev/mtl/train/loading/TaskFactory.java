package dev.mtl.train.loading;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.Task;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Creates tasks from the labels of their training data. */
public final class TaskFactory {
    private TaskFactory() {}

    /** Creates a task whose head is new. */
    public static Task of(
            TaskConfig task,
            HeadRegistry heads,
            List<Dataset> training,
            int hiddenSize,
            int sentenceSize) {
        return of(task, heads, training, List.of(), hiddenSize, sentenceSize);
    }

    /**
     * Creates a task.
     *
     * @param training all training data
     * @param known the labels of a trained head, which come first
     * @param hiddenSize of the backbone's token embeddings
     * @param sentenceSize of its sentence embeddings
     * @throws ConfigurationException if the head cannot learn from this data
     */
    public static Task of(
            TaskConfig task,
            HeadRegistry heads,
            List<Dataset> training,
            List<String> known,
            int hiddenSize,
            int sentenceSize) {
        var provider = heads.provider(task.head());
        try {
            var labels = new ArrayList<>(known);
            var targets = targets(training, task.name());
            var settings = task.settings();
            if (known.isEmpty() || !targets.isEmpty()) {
                labels.addAll(labels(provider, settings, targets));
                settings = learned(provider, settings, targets);
            }
            return Task.create(
                    task.name(),
                    provider,
                    settings,
                    labels.stream().distinct().toList(),
                    hiddenSize,
                    sentenceSize);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("tasks." + task.name() + ": " + e.getMessage(), e);
        }
    }

    private static <P extends Record> List<String> labels(
            HeadProvider<P> provider, Record settings, List<Target> targets) {
        @SuppressWarnings("unchecked") // the configuration was read into the provider's class
        var typed = (P) settings;
        return provider.learnLabels(typed, targets);
    }

    private static <P extends Record> Record learned(
            HeadProvider<P> provider, Record settings, List<Target> targets) {
        @SuppressWarnings("unchecked") // the configuration was read into the provider's class
        var typed = (P) settings;
        return provider.learnSettings(typed, targets);
    }

    private static List<Target> targets(List<Dataset> datasets, String task) {
        var targets = new ArrayList<Target>();
        for (var dataset : datasets) {
            if (dataset.tasks().contains(task)) {
                dataset.examples().stream()
                        .flatMap(example -> Stream.ofNullable(example.targets().get(task)))
                        .forEach(targets::add);
            }
        }
        return targets;
    }
}
