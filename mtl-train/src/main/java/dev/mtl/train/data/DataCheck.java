package dev.mtl.train.data;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.Task;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.TaskConfig;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Looks at all data of a configuration before anybody trains with it. */
public final class DataCheck {
    /** How many examples of a problem are named. */
    private static final int MOST_NAMED = 5;

    private final TextTokenizer tokenizer;
    private final int maxLength;
    private final List<TaskSplit> splits = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, Task> made = new HashMap<>();
    private final Map<String, Set<List<List<String>>>> trainingTexts = new HashMap<>();

    /**
     * What a task has in a split.
     *
     * @param rows that can be read
     * @param labels how often each label, tag or type of label occurs
     * @param lengths in tokens, [CLS] and [SEP] included: how many texts, by the upper ends of the
     *     ranges; of several texts the longest one's
     * @param cut rows of which the task sees the beginning only; heads of tokens see windows over
     *     all of a text, in training if all that share it do
     * @param duplicates rows whose text was there before
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
     * What was found.
     *
     * @param problems what is wrong; empty if nothing is
     */
    public record Report(List<TaskSplit> splits, List<String> problems) {}

    private DataCheck(TextTokenizer tokenizer, int maxLength) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
    }

    /**
     * Reads everything.
     *
     * @param heads that the tasks name
     * @param hiddenSize of the backbone
     * @param tokenizer of the backbone, for texts of any length
     * @param maxLength what texts are cut to in training
     * @throws dev.mtl.core.MtlException if a whole file cannot be read
     */
    public static Report check(
            Collection<TaskConfig> tasks,
            HeadRegistry heads,
            int hiddenSize,
            TextTokenizer tokenizer,
            int maxLength) {
        var check = new DataCheck(tokenizer, maxLength);
        for (var split : Split.values()) {
            var groups = DatasetReader.inspect(tasks, split, check.problems::add);
            if (split == Split.TRAIN) {
                check.make(tasks, heads, groups, hiddenSize);
            }
            groups.forEach(group -> check.look(group, split));
        }
        return new Report(check.splits, check.problems);
    }

    /** Makes the heads as training would: they say what they cannot learn. */
    private void make(
            Collection<TaskConfig> tasks,
            HeadRegistry heads,
            List<Dataset> training,
            int hiddenSize) {
        for (var task : tasks) {
            try {
                made.put(task.name(), TaskFactory.of(task, heads, training, hiddenSize));
            } catch (ConfigurationException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Whether heads see all of a text in windows, however long it is. */
    private boolean isWindowed(Dataset group, Split split, String task) {
        return (split == Split.TRAIN ? group.tasks() : List.of(task))
                .stream()
                        .allMatch(
                                name -> {
                                    var own = made.get(name);
                                    return own != null && own.readsTokensOnly();
                                });
    }

    private void look(Dataset group, Split split) {
        var lengths = new TreeMap<Integer, Integer>();
        int cut = 0;
        int duplicates = 0;
        var texts = new HashSet<List<List<String>>>();
        var leaked = new ArrayList<Example>();
        for (var example : group.examples()) {
            int length =
                    tokenizer.tokenize(example.texts()).stream()
                            .mapToInt(TokenizedText::length)
                            .max()
                            .orElseThrow();
            lengths.merge(upperEnd(length), 1, Integer::sum);
            cut += length > maxLength ? 1 : 0;
            duplicates += texts.add(example.wordsOfTexts()) ? 0 : 1;
            if (split != Split.TRAIN && isTrainedOn(group, example.wordsOfTexts())) {
                leaked.add(example);
            }
        }
        for (var task : group.tasks()) {
            var labels = labels(group, task);
            splits.add(
                    new TaskSplit(
                            task,
                            split,
                            group.source(),
                            group.examples().size(),
                            labels,
                            lengths,
                            isWindowed(group, split, task) ? 0 : cut,
                            duplicates));
            if (split == Split.TRAIN) {
                trainingTexts.put(task, texts);
            }
            reportUnknown(group, task);
        }
        if (!leaked.isEmpty()) {
            problems.add(
                    group.source()
                            + ": "
                            + leaked.size()
                            + " texts of "
                            + split.name().toLowerCase(java.util.Locale.ROOT)
                            + " are in the training data too, at "
                            + places(leaked));
        }
    }

    /** Ranges that double: 8, 16, 32, ... */
    private static int upperEnd(int length) {
        return Math.max(8, Integer.highestOneBit(Math.max(1, length - 1)) << 1);
    }

    private boolean isTrainedOn(Dataset group, List<List<String>> texts) {
        return group.tasks().stream()
                .anyMatch(task -> trainingTexts.getOrDefault(task, Set.of()).contains(texts));
    }

    private static SequencedMap<String, Integer> labels(Dataset group, String task) {
        var counts = new TreeMap<String, Integer>();
        for (var example : group.examples()) {
            switch (java.util.Objects.requireNonNull(example.targets().get(task))) {
                case Target.Category category -> counts.merge(category.label(), 1, Integer::sum);
                case Target.Labels labels ->
                        labels.labels().forEach(label -> counts.merge(label, 1, Integer::sum));
                case Target.Tags tags ->
                        tags.tags().forEach(tag -> counts.merge(tag, 1, Integer::sum));
                case Target.Values _, Target.Unlabelled _ -> {}
            }
        }
        return new LinkedHashMap<>(counts);
    }

    private void reportUnknown(Dataset group, String name) {
        var task = made.get(name);
        if (task == null) {
            return;
        }
        ArityCheck.problem(task, group).ifPresent(problems::add);
        var unknown = new TreeSet<String>();
        var examples = new ArrayList<Example>();
        for (var example : group.examples()) {
            try {
                var own = TargetCheck.unknownLabels(task, example, example.tokenize(tokenizer));
                if (!own.isEmpty()) {
                    unknown.addAll(own);
                    examples.add(example);
                }
            } catch (ConfigurationException e) {
                // mostly the other rows are of that kind, too
                problems.add(String.valueOf(e.getMessage()));
                return;
            }
        }
        if (!examples.isEmpty()) {
            problems.add(
                    group.source()
                            + ": task '"
                            + name
                            + "': the training data does not have "
                            + named(List.copyOf(unknown))
                            + ", at "
                            + places(examples));
        }
    }

    private static String places(List<Example> examples) {
        int shown = Math.min(MOST_NAMED, examples.size());
        return Example.places(examples.subList(0, shown))
                + (shown < examples.size() ? ", ..." : "");
    }

    private static String named(List<?> all) {
        var some = all.subList(0, Math.min(MOST_NAMED, all.size())).toString();
        return all.size() > MOST_NAMED ? some.substring(0, some.length() - 1) + ", ...]" : some;
    }
}
