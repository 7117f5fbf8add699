package dev.mtl.train.sampling;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.train.data.Dataset;

import java.util.ArrayList;
import java.util.List;

/** Says of which texts a model sees the beginning only. */
public final class CutTexts {
    private CutTexts() {}

    /**
     * Notes on data that is scored: heads of tokens see all of it, in windows.
     *
     * @return one for each group with texts that are cut
     */
    public static List<String> inEvaluation(MultiTaskModel model, List<Dataset> groups) {
        var notes = new ArrayList<String>();
        for (var group : groups) {
            var cutting =
                    group.tasks().stream()
                            .filter(task -> !model.task(task).readsTokensOnly())
                            .toList();
            if (!cutting.isEmpty()) {
                var texts =
                        model.tokenizer()
                                .tokenize(
                                        group.examples().stream()
                                                .flatMap(example -> example.texts().stream())
                                                .toList());
                notes.addAll(notes(group, texts, model, cutting, "is scored by"));
            }
        }
        return notes;
    }

    /** Notes on training data as it is trained on, windows of long texts in their place. */
    static List<String> inTraining(MultiTaskModel model, List<PreparedGroup> groups) {
        var notes = new ArrayList<String>();
        for (var group : groups) {
            var tasks = group.group().tasks();
            notes.addAll(notes(group.group(), group.texts(), model, tasks, "learns from"));
        }
        return notes;
    }

    private static List<String> notes(
            Dataset group,
            List<TokenizedText> texts,
            MultiTaskModel model,
            List<String> tasks,
            String does) {
        long cut = texts.stream().filter(text -> text.encoding().truncated()).count();
        return cut == 0
                ? List.of()
                : List.of(
                        "%d of %d texts of %s are longer than max_length %d: %s %s their beginnings only"
                                .formatted(
                                        cut,
                                        texts.size(),
                                        group.source(),
                                        model.maxLength(),
                                        String.join(", ", tasks),
                                        tasks.size() == 1
                                                ? does
                                                : does.replace("is ", "are ")
                                                        .replace("learns", "learn")));
    }
}
