package dev.mtl.heads.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.Target;
import dev.mtl.core.pipeline.Entity;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.heads.Golden;
import dev.mtl.heads.Temperature;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Against numpy and scipy, by benchmarks/peers/golden_calibration.py. */
class EntityCalibrationTest {
    private static final LabelIndex TAGS = new LabelIndex("slots", List.of("O", "B-x", "I-x"));

    @Test
    void minimizesTheNegativeLogLikelihoodOfWholeEntities() {
        var golden = Golden.read("entities");
        var rows = Golden.rows(golden.path("probabilities"), 3);
        var words = Golden.ints(golden.path("words"));
        var entities = new ArrayList<TagEvidence>();
        var right = new BitSet();
        for (int i = 0; i < words.length; i++) {
            var own = rows.subList(2 * i, 2 * i + words[i]).toArray(float[][]::new);
            var tags = Arrays.stream(own).mapToInt(row -> LabelIndex.argmax(row, 0, 3)).toArray();
            entities.add(new TagEvidence(own, tags));
            right.set(i, golden.path("right").get(i).asBoolean());
        }

        double temperature = Temperature.ofAnswers(entities, right).getAsDouble();

        assertThat(temperature).isCloseTo(golden.path("temperature").asDouble(), within(1e-6));
        var expected = Golden.doubles(golden.path("confidence"));
        for (int i = 0; i < expected.length; i++) {
            assertThat(entities.get(i).at(temperature)).isCloseTo(expected[i], within(1e-6));
        }
    }

    private static Tagged tagged(double temperature) {
        var text = PreTokenizedText.ofWords(List.of("a", "b", "c"));
        var words = new TaggedWords(TAGS, 3);
        float[][] rows = {{0.1f, 0.9f, 0}, {0.2f, 0, 0.8f}, {1, 0, 0}};
        words.set(new TagModel.Choice(new int[] {1, 2, 0}, rows), new int[] {0, 1, 2});
        return Tagged.of(text, words, temperature);
    }

    @Test
    void aTemperatureChangesScoresAndNothingElse() {
        var plain = tagged(1);
        var cold = tagged(2);

        assertThat(plain.entities()).hasSize(1);
        var entity = plain.entities().getFirst();
        assertThat(entity.score()).isEqualTo(((double) 0.9f + 0.8f) / 2);
        // 0.9 and 0.1 become 3 and 1 parts, 0.8 and 0.2 become 2 and 1
        assertThat(cold.entities().getFirst().score())
                .isCloseTo((3 / 4.0 + 2 / 3.0) / 2, within(1e-7));
        assertThat(cold.tags()).isEqualTo(plain.tags()).containsExactly("B-x", "I-x", "O");
        assertThat(new Entity(entity.text(), entity.label(), entity.start(), entity.end(), 0))
                .isEqualTo(new Entity("a b", "x", 0, 3, 0));
        assertThat(cold.toJson().keySet()).isEqualTo(plain.toJson().keySet());
    }

    @Test
    void theCalibrationErrorComparesScoresWithExactMatches() {
        var metric = new EntityMetric(2.0);
        double cold = (3 / 4.0 + 2 / 3.0) / 2;
        double plain = 0.85;

        metric.add(tagged(2), new Target.Tags(List.of("B-x", "I-x", "O")));
        metric.add(tagged(2), new Target.Tags(List.of("B-x", "O", "O")));

        assertThat(metric.scores().get("ece")).isCloseTo(Math.abs(cold - 0.5), within(1e-7));
        assertThat(metric.scores().get("ece_uncalibrated"))
                .isCloseTo(Math.abs(plain - 0.5), within(1e-7));
        assertThat(metric.scores()).containsKeys("precision", "recall", "f1");
        assertThat(metric.lowerIsBetter()).contains("ece");
    }

    @Test
    void fitsToPredictedEntities() {
        var provider = new TokenClassificationProvider();
        var settings = provider.defaults();
        var predictions = new ArrayList<Tagged>();
        var targets = new ArrayList<Target>();
        for (int i = 0; i < 60; i++) {
            predictions.add(tagged(1));
            targets.add(new Target.Tags(i % 3 > 0 ? List.of("B-x", "I-x", "O") : List.of()));
        }

        var tuned = provider.tune(settings, TAGS.labels(), predictions, targets);

        // two thirds of them are right, so that scores should be two thirds
        assertThat(predictions.getFirst().evidence().getFirst().at(tuned.temperature()))
                .isCloseTo(2 / 3.0, within(1e-6));
        assertThat(tuned.withTemperature(1)).isEqualTo(settings.withTemperature(1));
        assertThat(
                        provider.tune(
                                settings,
                                TAGS.labels(),
                                predictions.subList(0, 49),
                                targets.subList(0, 49)))
                .isEqualTo(settings);
    }
}
