package dev.mtl.heads.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.List;

/** Precision, recall and F1 as conlleval counts them, worked out by hand. */
class EntityMetricTest {
    private final EntityMetric metric = new EntityMetric(null);

    private boolean add(String predicted, String gold) {
        return metric.add(words(predicted), words(gold));
    }

    private static List<String> words(String tags) {
        return tags.isEmpty() ? List.of() : List.of(tags.split(" "));
    }

    private void expect(double precision, double recall, double f1) {
        assertThat(metric.scores().get("precision")).isCloseTo(precision, within(1e-12));
        assertThat(metric.scores().get("recall")).isCloseTo(recall, within(1e-12));
        assertThat(metric.scores().get("f1")).isCloseTo(f1, within(1e-12));
    }

    @Test
    void countsWholeEntitiesOfTheRightTypeOnly() {
        // right: LOC; wrong: PER too short, ORG of another type, one too many
        assertThat(add("B-PER O B-LOC O B-MISC B-LOC", "B-PER I-PER B-LOC O B-ORG O")).isFalse();
        expect(1.0 / 4, 1.0 / 3, 2.0 / 7);
    }

    @Test
    void theSameEntityInOtherTagsIsRight() {
        assertThat(add("I-PER I-PER O", "B-PER I-PER O")).isFalse();
        expect(1, 1, 1);
    }

    @Test
    void withoutAnyEntityTheScoresAreZero() {
        assertThat(add("O O", "O O")).isTrue();
        assertThat(add("", "")).isTrue();
        expect(0, 0, 0);
    }

    @Test
    void addsUpOverSentences() {
        add("B-A O", "B-A O");
        add("O O", "B-A B-B");
        add("B-B", "B-B");
        expect(1, 0.5, 2.0 / 3);
        assertThat(metric.scoresByLabel().get("A").get("recall")).isEqualTo(0.5);
        assertThat(metric.scoresByLabel().get("B").get("f1")).isCloseTo(2.0 / 3, within(1e-12));
    }

    /**
     * conlleval on these two sentences: 3 gold phrases, 2 found, 1 correct. The type SHIP is not in
     * the training data: its phrase is missed, and what was predicted over it is one too many.
     */
    @Test
    void anEntityOfATypeThatTrainingLacksWasMissed() {
        assertThat(add("B-LOC O O", "B-LOC O B-SHIP")).isFalse();
        assertThat(add("B-LOC I-LOC", "B-SHIP I-SHIP")).isFalse();
        expect(1.0 / 2, 1.0 / 3, 2.0 / 5);
        assertThat(metric.scoresByLabel().get("SHIP"))
                .containsEntry("support", 2.0)
                .containsEntry("predicted", 0.0)
                .containsEntry("f1", 0.0);
        // LOC: 2 found, 1 in the data, 1 right: F1 2/3; SHIP: 0
        assertThat(metric.scores().get("macro_f1")).isCloseTo(1.0 / 3, within(1e-12));
    }

    @Test
    void confusesTypesOfTheSameWords() {
        add("B-PER I-PER O B-LOC O", "B-ORG I-ORG O O B-LOC");
        var matrix = metric.confusion().orElseThrow();
        var labels = matrix.labels();
        assertThat(labels).containsExactlyInAnyOrder("ORG", "PER", "LOC", "O");
        assertThat(matrix.count(labels.indexOf("ORG"), labels.indexOf("PER"))).isEqualTo(1);
        assertThat(matrix.count(labels.indexOf("LOC"), labels.indexOf("O"))).isEqualTo(1);
        assertThat(matrix.count(labels.indexOf("O"), labels.indexOf("LOC"))).isEqualTo(1);
        assertThat(matrix.count(labels.indexOf("LOC"), labels.indexOf("LOC"))).isZero();
    }

    @Test
    void rejectsSequencesOfDifferentLength() {
        assertThatThrownBy(() -> add("O", "O O"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 predicted tags for 2 words");
    }
}
