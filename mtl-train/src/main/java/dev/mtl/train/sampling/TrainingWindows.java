package dev.mtl.train.sampling;

import dev.mtl.core.head.Target;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.train.data.Example;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TokenizedExample;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Divides training texts that are longer than the model's input. */
final class TrainingWindows {
    private TrainingWindows() {}

    /**
     * Replaces long texts by windows over them, if all tasks have token heads, and long pairs of
     * texts, if all tasks read these in windows. The target of a sentence head describes the whole
     * text, so its texts are truncated instead.
     *
     * @return the dataset with one example per window, each with the id of its text
     */
    static TokenizedDataset divide(TokenizedDataset dataset, MultiTaskModel model) {
        var tasks = dataset.tasks().stream().map(model::task).toList();
        if (!areWindowed(tasks)) {
            return dataset;
        }
        return dataset.withExamples(
                dataset.examples().stream().flatMap(example -> divide(example, tasks)).toList());
    }

    private static boolean areWindowed(List<Task> tasks) {
        return tasks.stream().allMatch(Task::readsTokensOnly)
                || tasks.stream().allMatch(Task::readsPairWindows);
    }

    /** The same for one example of a data set. */
    static Stream<TokenizedExample> divide(TokenizedExample example, List<Task> tasks) {
        if (tasks.stream().allMatch(Task::readsPairWindows)) {
            return pairWindows(example, tasks);
        }
        return tasks.stream().allMatch(Task::readsTokensOnly)
                ? windows(example, tasks)
                : Stream.of(example);
    }

    /** Windows as the first task reads them; the others have each word in one of these, too. */
    private static Stream<TokenizedExample> pairWindows(
            TokenizedExample example, List<Task> tasks) {
        var windows = tasks.getFirst().pairs(example.texts());
        return windows.size() == 1
                ? Stream.of(example)
                : windows.stream()
                        .map(
                                window ->
                                        new TokenizedExample(
                                                        example.example(),
                                                        example.texts(),
                                                        window,
                                                        Map.of())
                                                .withTargets(tasks));
    }

    private static Stream<TokenizedExample> windows(TokenizedExample example, List<Task> tasks) {
        var text = example.texts().getFirst();
        boolean tagged =
                example.example().targets().values().stream()
                        .allMatch(Target.Tags.class::isInstance);
        if (!tagged || !text.encoding().truncated()) {
            return Stream.of(example);
        }
        return text.windows().stream().map(window -> part(example.example(), window, tasks));
    }

    private static TokenizedExample part(
            Example example, TokenizedText.Window window, List<Task> tasks) {
        var words = window.words();
        var targets = new LinkedHashMap<String, Target>();
        example.targets()
                .forEach(
                        (task, target) -> {
                            var tags = ((Target.Tags) target).tags();
                            targets.put(
                                    task, new Target.Tags(tags.subList(words.from(), words.to())));
                        });
        var text = window.text();
        return new TokenizedExample(
                        new Example(example.id(), example.place(), List.of(text.text()), targets),
                        List.of(text),
                        Map.of())
                .withTargets(tasks);
    }
}
