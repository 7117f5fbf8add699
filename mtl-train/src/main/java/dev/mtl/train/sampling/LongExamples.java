package dev.mtl.train.sampling;

import dev.mtl.core.head.Target;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

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
                group.tasks().stream().allMatch(task -> model.task(task).readsTokensOnly());
        if (!ofTokens) {
            return group;
        }
        return new Dataset(
                group.source(),
                group.tasks(),
                group.examples().stream().flatMap(example -> cut(example, model)).toList());
    }

    private static Stream<Example> cut(Example example, MultiTaskModel model) {
        var text = model.tokenizer().tokenize(example.texts().getFirst());
        boolean cuttable =
                example.targets().values().stream().allMatch(Target.Tags.class::isInstance);
        if (!cuttable || !text.encoding().truncated()) {
            return Stream.of(example);
        }
        return text.windows().stream().map(window -> part(example, window));
    }

    private static Example part(Example example, TokenizedText.Window window) {
        var words = window.words();
        var targets = new LinkedHashMap<String, Target>();
        example.targets()
                .forEach(
                        (task, target) -> {
                            var tags = ((Target.Tags) target).tags();
                            targets.put(
                                    task, new Target.Tags(tags.subList(words.from(), words.to())));
                        });
        return new Example(example.id(), example.place(), List.of(window.text().text()), targets);
    }
}
