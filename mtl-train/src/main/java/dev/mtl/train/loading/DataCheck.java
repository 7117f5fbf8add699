package dev.mtl.train.loading;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.model.Task;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Describes all data of a configuration, and what is wrong with it, before training. */
public final class DataCheck {
    /** The most examples that a problem names. */
    private static final int MOST_NAMED = 5;

    private final TextTokenizer tokenizer;
    private final List<TaskSplit> splits = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Task> created = new HashMap<>();
    private final Leakage leakage;

    /**
     * The data of a task in a split.
     *
     * @param rows the number of rows that can be read
     * @param labels the number of times that each label or tag occurs
     * @param lengths a histogram of the number of tokens, special tokens included, of each row's
     *     longest text: rows by the upper end of a range
     * @param cut the number of rows of which the task sees only the beginning; token heads see
     *     windows over the whole text, in training only if all tasks that share it have token heads
     * @param duplicates the number of rows with the words of an earlier row
     */
    public record TaskSplit(
            String task,
            Split split,
            String source,
            int rows,
            SequencedMap<String, Integer> labels,
            SequencedMap<Integer, Integer> lengths,
            int cut,
            int duplicates) {}

    /**
     * The result of the check.
     *
     * @param problems a message for each thing that is wrong
     */
    public record Report(List<TaskSplit> splits, List<String> problems) {}

    private DataCheck(TextTokenizer tokenizer, @Nullable NearTexts near) {
        this.tokenizer = tokenizer;
        this.leakage = new Leakage(near);
    }

    /**
     * Checks all data of some tasks.
     *
     * @param heads that the tasks name
     * @param hiddenSize of the backbone
     * @param tokenizer of the backbone, which cuts texts as in training
     * @param near finds texts that are nearly the same; null for those that are the same only
     * @throws dev.mtl.core.MtlException if a whole file cannot be read
     */
    public static Report check(
            Collection<TaskConfig> tasks,
            HeadRegistry heads,
            int hiddenSize,
            TextTokenizer tokenizer,
            @Nullable NearTexts near) {
        var check = new DataCheck(tokenizer, near);
        for (var split : Split.values()) {
            var datasets = DatasetReader.inspect(tasks, split, check.problems::add);
            if (split == Split.TRAIN) {
                check.createTasks(tasks, heads, datasets, hiddenSize);
            }
            datasets.forEach(dataset -> check.check(dataset, split));
        }
        return new Report(check.splits, check.problems);
    }

    /** Creates the heads as training would, which reports labels that they cannot learn. */
    private void createTasks(
            Collection<TaskConfig> tasks,
            HeadRegistry heads,
            List<Dataset> training,
            int hiddenSize) {
        for (var task : tasks) {
            try {
                created.put(
                        task.name(), TaskFactory.of(task, heads, training, hiddenSize, hiddenSize));
            } catch (ConfigurationException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Whether a task reads all of a long text, in windows. */
    private boolean isWindowed(Dataset dataset, Split split, String name) {
        return (split == Split.TRAIN ? dataset.tasks() : List.of(name))
                .stream().map(created::get).allMatch(task -> task != null && task.isWindowed());
    }

    private void check(Dataset dataset, Split split) {
        var tokenized = TokenizedDataset.of(dataset, tokenizer);
        boolean inPairs =
                dataset.tasks().stream()
                        .flatMap(task -> Stream.ofNullable(created.get(task)))
                        .anyMatch(Task::readsPairs);
        var lengths = new TreeMap<Integer, Integer>();
        int cut = 0;
        int duplicates = 0;
        var texts = new HashSet<List<List<String>>>();
        for (var example : tokenized.examples()) {
            int length = length(example.texts(), inPairs);
            lengths.merge(upperEnd(length), 1, Integer::sum);
            cut += length > tokenizer.maxLength() ? 1 : 0;
            duplicates += texts.add(Leakage.words(example.example())) ? 0 : 1;
        }
        for (var task : dataset.tasks()) {
            var labels = labels(dataset, task);
            splits.add(
                    new TaskSplit(
                            task,
                            split,
                            dataset.source(),
                            rows(dataset, task),
                            labels,
                            lengths,
                            isWindowed(dataset, split, task) ? 0 : cut,
                            duplicates));
            checkTargets(tokenized, task);
        }
        leakage.of(dataset, split).forEach(problems::add);
    }

    /** The number of rows that a task can use. */
    private static int rows(Dataset dataset, String task) {
        return (int)
                dataset.examples().stream()
                        .filter(example -> example.targets().containsKey(task))
                        .count();
    }

    /** The number of tokens of the longest text, or of the two texts that are read together. */
    private static int length(List<TokenizedText> texts, boolean inPairs) {
        return inPairs && texts.size() == 2
                ? TokenizedPair.length(texts.getFirst(), texts.getLast())
                : texts.stream().mapToInt(TokenizedText::length).max().orElseThrow();
    }

    /** The upper end of a length's range: 8, 16, 32, ... */
    private static int upperEnd(int length) {
        return Math.max(8, Integer.highestOneBit(Math.max(1, length - 1)) << 1);
    }

    private static SequencedMap<String, Integer> labels(Dataset dataset, String task) {
        var counts = new TreeMap<String, Integer>();
        for (var example : dataset.examples()) {
            switch (example.targets().get(task)) {
                case null -> {} // reported with the row
                case Target.Category category -> counts.merge(category.label(), 1, Integer::sum);
                case Target.Labels labels ->
                        labels.labels().forEach(label -> counts.merge(label, 1, Integer::sum));
                case Target.Tags tags ->
                        tags.tags().forEach(tag -> counts.merge(tag, 1, Integer::sum));
                case Target.Answers(var answers) ->
                        counts.merge(
                                answers.isEmpty() ? "(no answer)" : "(answer)", 1, Integer::sum);
                case Target.Own own ->
                        own.labels().forEach(label -> counts.merge(label, 1, Integer::sum));
                case Target.Relations(var relations) ->
                        relations.forEach(
                                relation -> counts.merge(relation.label(), 1, Integer::sum));
                case Target.Values _, Target.Unlabelled _, Target.Taught _ -> {}
            }
        }
        return new LinkedHashMap<>(counts);
    }

    private void checkTargets(TokenizedDataset dataset, String name) {
        var task = created.get(name);
        if (task == null) {
            return;
        }
        ArityCheck.problem(task, dataset.textsPerExample()).ifPresent(problems::add);
        var unknown = new TreeSet<String>();
        var examples = new ArrayList<Example>();
        for (var example : dataset.examples()) {
            if (!example.example().targets().containsKey(name)) {
                continue;
            }
            try {
                example.encodeTarget(task);
            } catch (UnknownLabelsException e) {
                unknown.addAll(e.labels());
                examples.add(example.example());
            } catch (ConfigurationException e) {
                // the other rows are most likely of that kind, too
                problems.add(String.valueOf(e.getMessage()));
                return;
            }
        }
        if (!examples.isEmpty()) {
            problems.add(
                    dataset.source()
                            + ": task '"
                            + name
                            + "': the training data does not have "
                            + named(List.copyOf(unknown))
                            + ", at "
                            + places(examples));
        }
    }

    static String places(List<Example> examples) {
        int shown = Math.min(MOST_NAMED, examples.size());
        return TokenizedExample.places(examples.subList(0, shown))
                + (shown < examples.size() ? ", ..." : "");
    }

    private static String named(List<?> all) {
        var some = all.subList(0, Math.min(MOST_NAMED, all.size())).toString();
        return all.size() > MOST_NAMED ? some.substring(0, some.length() - 1) + ", ...]" : some;
    }
}
