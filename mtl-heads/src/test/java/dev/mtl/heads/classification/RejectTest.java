package dev.mtl.heads.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.Golden;
import dev.mtl.heads.classification.Reject.Method;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Scores, thresholds and areas; golden ones by benchmarks/peers/golden_calibration.py. */
class RejectTest {
    private static Reject reject(Method method, double targetRecall) {
        return new Reject(method, targetRecall, null, null);
    }

    /** 100 scores from 0 to 99, in no order. */
    private static double[] hundred() {
        return IntStream.range(0, 100).mapToDouble(i -> i * 37 % 100).toArray();
    }

    @ParameterizedTest
    @CsvSource({"0.95, 4.5", "0.9, 9.5", "0.999, -0.0000005", "1, -0.0000005", "0.01, 98.5"})
    void theThresholdIsMidwayBetweenWhatIsAcceptedAndWhatIsNot(double recall, double threshold) {
        var fitted = reject(Method.ENERGY, recall).fitted(hundred());

        assertThat(fitted.threshold()).isCloseTo(threshold, within(1e-9));
        double accepted = IntStream.range(0, 100).filter(i -> !fitted.rejects(i)).count();
        assertThat(accepted).isGreaterThanOrEqualTo(recall * 100);
    }

    @Test
    void equalScoresAreAllAccepted() {
        var fitted = reject(Method.ENERGY, 0.5).fitted(new double[60]);

        assertThat(fitted.threshold()).isEqualTo(0);
        assertThat(fitted.rejects(0)).isFalse();
        assertThat(fitted.rejects(-1e-9)).isTrue();
        assertThat(fitted.rejects(Double.NaN)).isTrue();
    }

    @Test
    void isNotFittedToAFewTexts() {
        var reject = reject(Method.ENERGY, 0.95);

        assertThat(reject.fitted(new double[49])).isSameAs(reject);
        assertThat(reject.rejects(-1e9)).isFalse();
    }

    @Test
    void scoresAreProbabilityEnergyAndDistance() {
        var golden = Golden.read("classes");
        var rows = Golden.rows(golden.path("logits"), 4);
        var energies = Golden.doubles(golden.path("energy"));
        for (int i = 0; i < energies.length; i++) {
            assertThat(reject(Method.ENERGY, 0.95).score(rows.get(i), 2, 7))
                    .isCloseTo(energies[i], within(1e-12));
        }
        float[] even = {1, 1, 1, 1};
        assertThat(reject(Method.MAX_PROBABILITY, 0.95).score(even, 2, 7)).isEqualTo(0.25);
        float[] two = {2, 0};
        assertThat(reject(Method.MAX_PROBABILITY, 0.95).score(two, 2, 7))
                .isCloseTo(1 / (1 + Math.exp(-1)), within(1e-12));
        assertThat(reject(Method.MAHALANOBIS, 0.95).score(even, 2, 7)).isEqualTo(-7);
    }

    @Test
    void settingsThatMeanNothingAreRejected() {
        assertThatThrownBy(() -> reject(Method.ENERGY, 0))
                .hasMessage("target_recall is 0.0, it must be in (0, 1]");
        assertThatThrownBy(() -> reject(Method.ENERGY, 1.5))
                .hasMessage("target_recall is 1.5, it must be in (0, 1]");
        assertThatThrownBy(() -> new Reject(Method.NONE, 0.95, "oos", null))
                .hasMessageStartingWith("label is set, but nothing is rejected: set method to");
    }

    @Test
    void theAreaUnderTheCurveCountsPairs() {
        var golden = Golden.read("roc");
        var inside = Golden.doubles(golden.path("inside"));
        var outside = Golden.doubles(golden.path("outside"));

        assertThat(RejectionScores.auroc(inside, outside))
                .isCloseTo(golden.path("auroc").asDouble(), within(1e-12));
        assertThat(RejectionScores.auroc(new double[] {2, 3}, new double[] {0, 1})).isEqualTo(1);
        assertThat(RejectionScores.auroc(new double[] {0}, new double[] {1, 1})).isEqualTo(0);
        assertThat(RejectionScores.auroc(new double[] {1, 1}, new double[] {1})).isEqualTo(0.5);
    }

    @Test
    void evaluationSaysWhatTheDataAllows() {
        var fitted = new Reject(Method.ENERGY, 0.95, "oos", 0.5);
        var rejection = new RejectionScores(fitted);
        rejection.add(1, true, false);
        rejection.add(0.4, true, true);
        assertThat(scores(rejection)).isEqualTo(Map.of("in_scope_accepted", 0.5));

        rejection.add(0.3, false, true);
        rejection.add(0.2, false, true);
        rejection.add(0.6, false, false);
        assertThat(scores(rejection))
                .isEqualTo(
                        Map.of(
                                "auroc",
                                5 / 6.0,
                                "in_scope_accepted",
                                0.5,
                                "out_of_scope_rejected",
                                2 / 3.0));

        var unfitted = new RejectionScores(reject(Method.ENERGY, 0.95));
        unfitted.add(1, true, false);
        unfitted.add(0, false, false);
        assertThat(scores(unfitted)).isEqualTo(Map.of("auroc", 1.0));
        assertThat(scores(new RejectionScores(Reject.NONE))).isEmpty();

        var withoutMeans = new RejectionScores(reject(Method.MAHALANOBIS, 0.95));
        withoutMeans.add(0, true, false);
        withoutMeans.add(0, false, false);
        assertThat(scores(withoutMeans)).isEmpty();
    }

    private static Map<String, Double> scores(RejectionScores rejection) {
        var scores = new LinkedHashMap<String, Double>();
        rejection.addTo(scores);
        return scores;
    }

    /** Whitened in float32, against numpy in float64. */
    @Test
    void distancesAreThoseOfAShrunkPooledCovariance() {
        var golden = Golden.read("gaussians");
        var values =
                LabelGaussians.fit(
                        Golden.rows(golden.path("embeddings"), 5),
                        Golden.ints(golden.path("labels")),
                        3);
        try (var _ = TensorScope.open()) {
            var parameters = new HashMap<String, Tensor>();
            for (var spec : LabelGaussians.parameters(3, 5)) {
                parameters.put(spec.name(), Tensors.of(values.get(spec.name()), spec.shape()));
            }
            var distances =
                    LabelGaussians.distances(
                            new Parameters(parameters),
                            Tensors.of(Golden.floats(golden.path("probes")), 4, 5));
            var expected = Golden.doubles(golden.path("distances"));
            for (int i = 0; i < expected.length; i++) {
                assertThat(distances[i]).isCloseTo(expected[i], within(1e-4 * expected[i]));
            }
        }
    }

    @Test
    void aLabelWithoutTextsIsNearToNothing() {
        float[][] embeddings = {{0, 0}, {1, 0}, {0, 1}};
        var values = LabelGaussians.fit(List.of(embeddings), new int[] {0, 0, 0}, 2);
        assertThat(values.get("reject.means")[2]).isEqualTo(1e6f);
        assertThat(Math.abs(values.get("reject.means")[0])).isLessThan(1e-3f);
    }
}
