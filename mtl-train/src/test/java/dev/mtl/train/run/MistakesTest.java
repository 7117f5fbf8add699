package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.pipeline.Entity;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.pipeline.ValuePrediction;
import dev.mtl.train.data.Example;
import dev.mtl.train.progress.Evaluation;
import dev.mtl.train.progress.Evaluation.Mistake;

import org.junit.jupiter.api.Test;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

class MistakesTest {
    private final Mistakes mistakes = new Mistakes();

    private record Said(List<Label> labels) implements LabelPrediction {
        @Override
        public Optional<Label> label() {
            return labels.stream().findFirst();
        }

        @Override
        public List<Label> predicted() {
            return labels;
        }

        @Override
        public Map<String, Object> toJson() {
            return Map.of();
        }

        @Override
        public String toText() {
            return "";
        }
    }

    private record Found(List<Entity> entities) implements EntityPrediction {
        @Override
        public Map<String, Object> toJson() {
            return Map.of();
        }

        @Override
        public String toText() {
            return "";
        }
    }

    private record Rated(List<Double> values) implements ValuePrediction {
        @Override
        public Map<String, Object> toJson() {
            return Map.of();
        }

        @Override
        public String toText() {
            return "";
        }
    }

    private void see(Example example, Prediction prediction, boolean right) {
        var predictions = new LinkedHashMap<String, Prediction>();
        predictions.put("task", prediction);
        var judged = new LinkedHashMap<String, Boolean>();
        judged.put("task", right);
        mistakes.visit(example, predictions, judged);
    }

    private void see(String text, String gold, String predicted, double score) {
        see(
                Example.of(text).withLabel("task", gold).at("data.csv:7"),
                new Said(List.of(new Label(predicted, score))),
                gold.equals(predicted));
    }

    private List<Mistake> selected() {
        var details = new LinkedHashMap<String, Evaluation.Details>();
        details.put("task", new Evaluation.Details(Map.of(), Optional.empty(), List.of()));
        var evaluation = new Evaluation(new LinkedHashMap<>(), OptionalDouble.empty(), 1, details);
        return mistakes.addTo(evaluation).details().get("task").mistakes();
    }

    @Test
    void theMostFrequentConfusionsComeFirstAndOfEachTheMostConfident() {
        see("right", "a", "a", 0.99);
        see("rare", "a", "c", 0.99);
        for (int i = 0; i < 5; i++) {
            see("frequent " + i, "a", "b", 0.5 + 0.1 * (i % 3));
        }

        assertThat(selected())
                .extracting(Mistake::text)
                .containsExactly("frequent 2", "frequent 1", "frequent 4", "rare");
        assertThat(selected().getFirst())
                .isEqualTo(
                        new Mistake("data.csv:7", "frequent 2", "a", "b", OptionalDouble.of(0.7)));
    }

    @Test
    void aTaskHasNoMoreThanSixtyMistakes() {
        for (int i = 0; i < 1000; i++) {
            see("text", "label " + i, "other", 0.5);
        }

        assertThat(selected()).hasSize(60);
    }

    @Test
    void aMultiLabelMistakeHasTheConfidenceOfItsWrongLabel() {
        see(
                Example.of("text").withLabels("task", List.of("a", "b")),
                new Said(List.of(new Label("a", 0.9), new Label("c", 0.6))),
                false);
        see(Example.of("text").withLabels("task", List.of("a")), new Said(List.of()), false);

        assertThat(selected())
                .extracting(Mistake::gold, Mistake::predicted, Mistake::confidence)
                .containsExactly(
                        tuple("a; b", "a; c", OptionalDouble.of(0.6)),
                        tuple("a", "(none)", OptionalDouble.empty()));
    }

    @Test
    void entitiesThatDataAndModelShareAreNotAmongTheMistake() {
        see(
                Example.of("Ann met Bob in Rome")
                        .withEntities(
                                "task",
                                new Example.Span(0, 3, "person"),
                                new Example.Span(8, 11, "person")),
                new Found(
                        List.of(
                                new Entity("Ann", "person", 0, 3, 0.99),
                                new Entity("Rome", "place", 15, 19, 0.75))),
                false);

        assertThat(selected())
                .extracting(Mistake::gold, Mistake::predicted, Mistake::confidence)
                .containsExactly(tuple("person: Bob", "place: Rome", OptionalDouble.of(0.75)));
    }

    @Test
    void theNumbersThatAreFarthestOffComeFirst() {
        see(Example.of("near").withValues("task", 1), new Rated(List.of(2.0)), false);
        see(Example.of("far").withValues("task", 1), new Rated(List.of(4.5)), false);

        assertThat(selected()).extracting(Mistake::text).containsExactly("far", "near");
        assertThat(selected().getFirst().predicted()).isEqualTo("4.500");
    }

    /** A lone surrogate, which JSON can hold, would fail the writing of the metrics. */
    @Test
    void longTextsAreCutAndHalvesOfCharactersReplaced() {
        see("x".repeat(299) + "\ud83d\ude00 and more", "a", "b", 0.5);
        see("half \ud83d of one", "a", "b", 0.4);

        assertThat(selected())
                .extracting(Mistake::text)
                .containsExactly("x".repeat(299) + "?…", "half ? of one");
    }
}
