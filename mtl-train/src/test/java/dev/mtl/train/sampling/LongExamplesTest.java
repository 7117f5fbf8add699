package dev.mtl.train.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.head.Target;
import dev.mtl.core.model.MultiTaskModel;
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

class LongExamplesTest {
    @TempDir private Path folder;

    private static Dataset group(List<String> tasks) {
        var words = new ArrayList<String>();
        var tags = new ArrayList<String>();
        for (int i = 0; i < 200; i++) {
            words.add(i % 7 == 0 ? "queen" : "the");
            tags.add("t" + i);
        }
        Map<String, Target> targets =
                Map.of("side", new Target.Category("queen"), "words", new Target.Tags(tags));
        var own = new java.util.LinkedHashMap<String, Target>();
        tasks.forEach(task -> own.put(task, Objects.requireNonNull(targets.get(task))));
        return new Dataset(
                "toy",
                tasks,
                List.of(new Example(17, List.of(PreTokenizedText.ofWords(words)), own)));
    }

    @Test
    void aLongTextOfTagsBecomesWindowsThatFit() {
        try (var model = TinyTraining.model(TinyModel.write(folder, 1, 0), 0)) {
            var whole = group(List.of("words"));
            var cut = LongExamples.cut(whole, model);
            assertThat(cut.examples()).hasSizeGreaterThan(5);
            var seen = new HashSet<String>();
            for (var example : cut.examples()) {
                var tags =
                        ((Target.Tags) Objects.requireNonNull(example.targets().get("words")))
                                .tags();
                assertThat(example.id()).isEqualTo(17);
                assertThat(tags).hasSameSizeAs(example.words());
                var tokens = model.tokenizer().tokenize(example.texts().getFirst());
                assertThat(tokens.encoding().truncated()).isFalse();
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
            var both = group(List.of("side", "words"));
            assertThat(LongExamples.cut(both, model)).isSameAs(both);
        }
    }

    @Test
    void textsThatAreCutAreSaid() {
        try (var model = TinyTraining.model(TinyModel.write(folder, 1, 0), 0)) {
            var both = group(List.of("side", "words"));
            var windows = LongExamples.cut(group(List.of("words")), model);
            var prepared = List.of(prepare(both, model), prepare(windows, model));
            assertThat(CutTexts.inTraining(model, prepared))
                    .containsExactly(
                            "1 of 1 texts of toy are longer than max_length 40: side, words learn"
                                    + " from their beginnings only");
            assertThat(CutTexts.inEvaluation(model, List.of(both, group(List.of("words")))))
                    .containsExactly(
                            "1 of 1 texts of toy are longer than max_length 40: side is scored by"
                                    + " their beginnings only");
            prepared.forEach(PreparedGroup::close);
        }
    }

    private static PreparedGroup prepare(Dataset group, MultiTaskModel model) {
        return new PreparedGroup(group, model);
    }
}
