package dev.mtl.train.sampling;

import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.Target;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TextWindows.Window;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/** Training texts that are longer than the model takes. */
final class LongExamples {
    private LongExamples() {}

    /**
     * Cuts long texts into windows where all heads are of tokens: what a sentence's head should say
     * is true of the whole text only, which it sees the beginning of.
     *
     * @return the group with the windows in place of their texts; a window has its text's id
     */
    static Dataset cut(Dataset group, MultiTaskModel model) {
        boolean ofTokens =
                group.tasks().stream()
                        .allMatch(task -> model.task(task).head().input() == HeadInput.TOKENS);
        if (!ofTokens) {
            return group;
        }
        return new Dataset(
                group.source(),
                group.tasks(),
                group.examples().stream().flatMap(example -> cut(example, model)).toList());
    }

    private static Stream<Example> cut(Example example, MultiTaskModel model) {
        var text = PreTokenizedText.ofWords(example.words());
        boolean cuttable =
                example.targets().values().stream().allMatch(Target.Tags.class::isInstance);
        if (!cuttable || !model.tokenize(text).truncated()) {
            return Stream.of(example);
        }
        var parts = new ArrayList<Example>();
        for (var window : model.windows(text)) {
            parts.add(part(example, window));
        }
        return parts.stream();
    }

    private static Example part(Example example, Window window) {
        var targets = new LinkedHashMap<String, Target>();
        example.targets()
                .forEach(
                        (task, target) -> {
                            var tags = ((Target.Tags) target).tags();
                            targets.put(
                                    task,
                                    new Target.Tags(tags.subList(window.from(), window.to())));
                        });
        var words = example.words().subList(window.from(), window.to());
        return new Example(example.id(), example.place(), List.of(words), targets);
    }
}
