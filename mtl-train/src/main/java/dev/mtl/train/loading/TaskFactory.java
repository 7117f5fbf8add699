package dev.mtl.train.loading;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.Task;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;

import org.jspecify.annotations.Nullable;

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
        return of(task, heads, training, List.of(), hiddenSize, sentenceSize, null);
    }

    /**
     * Creates a task.
     *
     * @param training all training data
     * @param known the labels of a trained head, which come first
     * @param hiddenSize of the backbone's token embeddings
     * @param sentenceSize of its sentence embeddings
     * @param vocabulary of the backbone; null where the head is only to be checked
     * @throws ConfigurationException if the head cannot learn from this data
     */
    public static Task of(
            TaskConfig task,
            HeadRegistry heads,
            List<Dataset> training,
            List<String> known,
            int hiddenSize,
            int sentenceSize,
            HeadContext.@Nullable Vocabulary vocabulary) {
        var targets = targets(training, task.name());
        boolean hasData = known.isEmpty() || !targets.isEmpty();
        var learned = hasData ? learnLabels(task, heads, targets) : List.<String>of();
        return of(
                task,
                heads,
                known,
                learned,
                hasData,
                targets,
                hiddenSize,
                sentenceSize,
                vocabulary);
    }

    /**
     * Creates a task of whose training data the labels are known.
     *
     * @param known the labels of a trained head, which come first
     * @param learned what {@link #learnLabels} gave
     * @param targets of every training example, which settings may be learned from
     * @param hiddenSize of the backbone's token embeddings
     * @param sentenceSize of its sentence embeddings
     * @param vocabulary of the backbone; null where the head is only to be checked
     * @throws ConfigurationException if the head cannot have these labels
     */
    public static Task ofLabels(
            TaskConfig task,
            HeadRegistry heads,
            List<String> known,
            List<String> learned,
            Iterable<Target> targets,
            int hiddenSize,
            int sentenceSize,
            HeadContext.@Nullable Vocabulary vocabulary) {
        return of(task, heads, known, learned, true, targets, hiddenSize, sentenceSize, vocabulary);
    }

    private static Task of(
            TaskConfig task,
            HeadRegistry heads,
            List<String> known,
            List<String> learned,
            boolean hasData,
            Iterable<Target> targets,
            int hiddenSize,
            int sentenceSize,
            HeadContext.@Nullable Vocabulary vocabulary) {
        var provider = heads.provider(task.head());
        try {
            return Task.create(
                    provider,
                    hasData ? learned(provider, task.settings(), targets) : task.settings(),
                    new HeadContext(
                            task.name(),
                            hiddenSize,
                            sentenceSize,
                            Stream.concat(known.stream(), learned.stream()).distinct().toList(),
                            vocabulary));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("tasks." + task.name() + ": " + e.getMessage(), e);
        }
    }

    /**
     * The labels that a head learns of training data.
     *
     * @param targets of every training example
     * @throws ConfigurationException if the head cannot learn from them
     */
    public static List<String> learnLabels(
            TaskConfig task, HeadRegistry heads, Iterable<Target> targets) {
        try {
            return labels(heads.provider(task.head()), task.settings(), targets);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("tasks." + task.name() + ": " + e.getMessage(), e);
        }
    }

    private static <P extends Record> List<String> labels(
            HeadProvider<P> provider, Record settings, Iterable<Target> targets) {
        @SuppressWarnings("unchecked") // the configuration was read into the provider's class
        var typed = (P) settings;
        return provider.learnLabels(typed, targets);
    }

    private static <P extends Record> Record learned(
            HeadProvider<P> provider, Record settings, Iterable<Target> targets) {
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
