package dev.mtl.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.LabelIndex;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Against numpy and scipy, by benchmarks/peers/golden_calibration.py. */
class TemperatureTest {
    private static final int CLASSES = 4;

    private final List<float[]> logits =
            Golden.rows(Golden.read("classes").path("logits"), CLASSES);
    private final int[] gold = Golden.ints(Golden.read("classes").path("gold"));

    private static double of(String name, String value) {
        return Golden.read(name).path(value).asDouble();
    }

    private static Map<String, Double> scores(CalibrationScores calibration) {
        var scores = new LinkedHashMap<String, Double>();
        calibration.addTo(scores);
        return scores;
    }

    @Test
    void minimizesTheNegativeLogLikelihoodOfClasses() {
        assertThat(Temperature.ofClasses(logits, gold).getAsDouble())
                .isCloseTo(of("classes", "temperature"), within(1e-6));
    }

    @Test
    void calibrationErrorsOfClassesAreThoseOfNumpy() {
        var calibration = new CalibrationScores(of("classes", "temperature"));
        for (int i = 0; i < gold.length; i++) {
            var row = logits.get(i);
            calibration.add(
                    at -> Probabilities.largest(row, at),
                    LabelIndex.argmax(row, 0, CLASSES) == gold[i]);
        }
        var scores = scores(calibration);
        assertThat(scores.get("ece")).isCloseTo(of("classes", "ece"), within(1e-9));
        assertThat(scores.get("ece_uncalibrated"))
                .isCloseTo(of("classes", "ece_uncalibrated"), within(1e-9));
    }

    @Test
    void minimizesTheNegativeLogLikelihoodOfDecisions() {
        var golden = Golden.read("decisions");
        var own = Golden.floats(golden.path("logits"));
        var right = new boolean[own.length];
        IntStream.range(0, own.length)
                .forEach(i -> right[i] = golden.path("gold").get(i).asBoolean());

        assertThat(Temperature.ofDecisions(own, right).getAsDouble())
                .isCloseTo(golden.path("temperature").asDouble(), within(1e-6));

        var calibration = new CalibrationScores(golden.path("temperature").asDouble());
        for (int i = 0; i < own.length; i++) {
            double logit = own[i];
            calibration.add(at -> Probabilities.sigmoid(logit / at), right[i]);
        }
        var scores = scores(calibration);
        assertThat(scores.get("ece")).isCloseTo(golden.path("ece").asDouble(), within(1e-9));
        assertThat(scores.get("ece_uncalibrated"))
                .isCloseTo(golden.path("ece_uncalibrated").asDouble(), within(1e-9));
    }

    /** Without mistakes, the likelihood alone would make every answer certain. */
    @Test
    void staysBelowCertaintyWhereAllAnswersAreRight() {
        var sure = logits.stream().map(row -> times(row, 3)).toList();
        var right = sure.stream().mapToInt(row -> LabelIndex.argmax(row, 0, CLASSES)).toArray();

        assertThat(Temperature.ofClasses(sure, right).getAsDouble())
                .isCloseTo(of("all_right", "temperature"), within(1e-6));
    }

    private static float[] times(float[] row, float factor) {
        var product = row.clone();
        for (int i = 0; i < product.length; i++) {
            product[i] *= factor;
        }
        return product;
    }

    @Test
    void isBoundedWhereAnswersAreNoBetterThanChance() {
        var wrong = logits.stream().mapToInt(row -> (worst(row))).toArray();

        assertThat(Temperature.ofClasses(logits, wrong).getAsDouble()).isCloseTo(20, within(1e-4));
    }

    private static int worst(float[] row) {
        return LabelIndex.argmax(times(row, -1), 0, row.length);
    }

    @Test
    void isNotFittedToAFewAnswersOrToNaN() {
        int few = Temperature.LEAST - 1;
        assertThat(Temperature.ofClasses(logits.subList(0, few), Arrays.copyOf(gold, few)))
                .isEmpty();

        logits.getFirst()[1] = Float.NaN;
        assertThat(Temperature.ofClasses(logits, gold)).isEmpty();
    }

    @Test
    void withoutAnswersTheErrorIsZero() {
        assertThat(scores(new CalibrationScores(null))).isEqualTo(Map.of("ece", 0.0));
    }

    /** Confidences on the edges of bins belong to the bin below. */
    @Test
    void countsInFifteenBins() {
        var calibration = new CalibrationScores(null);
        calibration.add(_ -> 0, false);
        calibration.add(_ -> 1, true);
        calibration.add(_ -> 0.9, false); // in another bin than 1
        calibration.add(_ -> 0.4, true); // 6 / 15, in a bin with 0.35
        calibration.add(_ -> 0.35, false);

        assertThat(scores(calibration).get("ece"))
                .isCloseTo((0 + 0 + 0.9 + Math.abs(0.75 - 1)) / 5, within(1e-12));
    }
}
