package dev.mtl.heads.classification;

import static dev.mtl.core.head.testkit.HeadUnderTest.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.heads.Golden;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

/** The temperature of a classification head. */
class ClassificationCalibrationTest {
    private static final List<String> LABELS = List.of("a", "b", "c", "d");

    private final ClassificationProvider provider = new ClassificationProvider();
    private final float[] logits = Golden.floats(Golden.read("classes").path("logits"));
    private final List<Target> targets =
            Arrays.stream(Golden.ints(Golden.read("classes").path("gold")))
                    .mapToObj(label -> (Target) new Target.Category(LABELS.get(label)))
                    .toList();

    private static ClassificationProvider.Settings settings(@Nullable Double temperature) {
        return new ClassificationProvider.Settings(
                0, 0, ClassWeights.none(), true, temperature, Reject.NONE);
    }

    private HeadUnderTest head(@Nullable Double temperature) {
        return HeadUnderTest.of(
                provider.create(settings(temperature), new HeadContext("intent", 2, LABELS)));
    }

    private List<LabelPrediction> predictions(@Nullable Double temperature) {
        try (var _ = TensorScope.open()) {
            int rows = targets.size();
            return head(temperature)
                    .predict(Tensors.of(logits, rows, LABELS.size()), batch(rows))
                    .stream()
                    .map(LabelPrediction.class::cast)
                    .toList();
        }
    }

    @Test
    void fitsTheTemperatureToTheValidationData() {
        double expected = Golden.read("classes").path("temperature").asDouble();

        var fitted = provider.tune(settings(null), LABELS, predictions(null), targets);

        assertThat(fitted.temperature()).isCloseTo(expected, within(1e-6));
        // from the logits, so that fitting again gives the same bits
        assertThat(provider.tune(fitted, LABELS, predictions(fitted.temperature()), targets))
                .isEqualTo(fitted);
    }

    @Test
    void aTemperatureChangesScoresAndNothingElse() {
        var plain = predictions(null);
        var cold = predictions(2.5);

        for (int i = 0; i < plain.size(); i++) {
            assertThat(names(cold.get(i))).isEqualTo(names(plain.get(i)));
            assertThat(cold.get(i).label().map(Label::name))
                    .isEqualTo(plain.get(i).label().map(Label::name));
            assertThat(score(cold.get(i))).isLessThan(score(plain.get(i)));
        }
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            sum += Math.exp(logits[i] / 2.5);
        }
        var best = cold.getFirst().labels().getFirst();
        assertThat(best.score())
                .isCloseTo(
                        Math.exp(logits[LABELS.indexOf(best.name())] / 2.5) / sum, within(1e-12));
    }

    private static List<String> names(LabelPrediction prediction) {
        return prediction.labels().stream().map(Label::name).toList();
    }

    private static double score(LabelPrediction prediction) {
        return prediction.label().orElseThrow().score();
    }

    @Test
    void evaluationHasTheCalibrationErrorWithAndWithoutTheTemperature() {
        var golden = Golden.read("classes");
        double temperature = golden.path("temperature").asDouble();
        var metric = head(temperature).head().newMetric();
        var predictions = predictions(temperature);
        for (int i = 0; i < predictions.size(); i++) {
            metric.add(predictions.get(i), targets.get(i));
        }
        assertThat(metric.scores().keySet())
                .containsExactly("accuracy", "macro_f1", "ece", "ece_uncalibrated");
        assertThat(metric.scores().get("ece"))
                .isCloseTo(golden.path("ece").asDouble(), within(1e-9));
        assertThat(metric.scores().get("ece_uncalibrated"))
                .isCloseTo(golden.path("ece_uncalibrated").asDouble(), within(1e-9));
        assertThat(metric.lowerIsBetter()).contains("ece").doesNotContain("accuracy");
    }

    @Test
    void isNotFittedToAFewTextsNorToLabelsWithoutALogit() {
        var few =
                provider.tune(
                        settings(null),
                        LABELS,
                        predictions(null).subList(0, 49),
                        targets.subList(0, 49));
        assertThat(few).isEqualTo(settings(null));

        var unknown = targets.stream().map(_ -> (Target) new Target.Category("new")).toList();
        assertThat(provider.tune(settings(null), LABELS, predictions(null), unknown))
                .isEqualTo(settings(null));
    }

    @Test
    void rejectsATemperatureThatIsNotPositive() {
        assertThatThrownBy(() -> settings(0.0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("temperature is 0.0, it must be above 0 and finite");
    }
}
