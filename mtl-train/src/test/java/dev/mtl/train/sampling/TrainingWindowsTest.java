package dev.mtl.train.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.head.Target;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.testing.TinyTraining;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

class TrainingWindowsTest {
    @TempDir private Path folder;

    private static Dataset dataset(List<String> tasks) {
        var words = new ArrayList<String>();
        var tags = new ArrayList<String>();
        for (int i = 0; i < 200; i++) {
            words.add(i % 7 == 0 ? "queen" : "the");
            tags.add("t" + i);
        }
        Map<String, Target> targets =
                Map.of("side", new Target.Category("queen"), "words", new Target.Tags(tags));
        var selected = new java.util.LinkedHashMap<String, Target>();
        tasks.forEach(task -> selected.put(task, Objects.requireNonNull(targets.get(task))));
        return new Dataset(
                "toy",
                tasks,
                List.of(new Example(17, List.of(PreTokenizedText.ofWords(words)), selected)));
    }

    @Test
    void aLongTextOfTagsBecomesWindowsThatFit() {
        try (var model = TinyTraining.model(TinyModel.write(folder, 1, 0), 0)) {
            var whole = TinyTraining.encode(model, dataset(List.of("words")));
            var divided = TrainingWindows.divide(whole, model);
            assertThat(divided.examples()).hasSizeGreaterThan(5);
            var seen = new HashSet<String>();
            for (var tokenized : divided.examples()) {
                var example = tokenized.example();
                var tags =
                        ((Target.Tags) Objects.requireNonNull(example.targets().get("words")))
                                .tags();
                assertThat(example.id()).isEqualTo(17);
                assertThat(tags).hasSameSizeAs(example.words());
                var text = tokenized.texts().getFirst();
                assertThat(text.text()).isEqualTo(example.texts().getFirst());
                assertThat(text.encoding().truncated()).isFalse();
                assertThat(text.encoding().ids())
                        .containsExactly(model.tokenizer().encode(text.text().text()).ids());
                assertThat(tokenized.targets()).containsOnlyKeys("words");
                for (int i = 0; i < tags.size(); i++) {
                    int word = Integer.parseInt(tags.get(i).substring(1));
                    assertThat(example.words().get(i)).isEqualTo(word % 7 == 0 ? "queen" : "the");
                }
                seen.addAll(tags);
            }
            assertThat(seen).hasSize(200);
        }
    }

    @Test
    void aTextWithALabelOfItsOwnStaysWhole() {
        try (var model = TinyTraining.model(TinyModel.write(folder, 1, 0), 0)) {
            var both = TinyTraining.encode(model, dataset(List.of("side", "words")));
            assertThat(TrainingWindows.divide(both, model)).isSameAs(both);
        }
    }

    @Test
    void textsThatAreCutAreSaid() {
        try (var model = TinyTraining.model(TinyModel.write(folder, 1, 0), 0)) {
            var both = TinyTraining.encode(model, dataset(List.of("side", "words")));
            var words = TinyTraining.encode(model, dataset(List.of("words")));
            var training = List.of(both, TrainingWindows.divide(words, model));
            assertThat(TruncationNotes.inTraining(model, training))
                    .containsExactly(
                            "1 of 1 texts of toy are longer than max_length 40: side, words learn"
                                    + " from their beginnings only");
            assertThat(TruncationNotes.inEvaluation(model, List.of(both, words)))
                    .containsExactly(
                            "1 of 1 texts of toy are longer than max_length 40: side is scored by"
                                    + " their beginnings only");
        }
    }
}
