package dev.mtl.heads.multilabel;

import static dev.mtl.core.head.testkit.HeadUnderTest.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.heads.Golden;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

@ExtendWith(LeavesNoTensorBehind.class)
class MultiLabelHeadTest {
    private final MultiLabelProvider provider = new MultiLabelProvider();
    private final HeadUnderTest head = head(Map.of());
    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    private static Target labels(String... labels) {
        return new Target.Labels(List.of(labels));
    }

    private HeadUnderTest head(Map<String, Double> thresholds) {
        return HeadUnderTest.of(
                provider.create(
                        new MultiLabelProvider.Settings(0, 0.5, thresholds, true, true, null),
                        new HeadContext("topics", 2, List.of("a", "b", "c"))));
    }

    private static Tensor logits() {
        return Tensors.of(new float[] {2, -1, 0.5f, -3, -0.5f, -2}, 2, 3);
    }

    @Test
    void theLossIsTheMeanOfBinaryCrossEntropies() {
        double[] z = {2, -1, 0.5, -3, -0.5, -2};
        double[] y = {1, 0, 1, 0, 0, 0};
        double sum = 0;
        for (int i = 0; i < 6; i++) {
            double p = 1 / (1 + Math.exp(-z[i]));
            sum -= y[i] * Math.log(p) + (1 - y[i]) * Math.log(1 - p);
        }
        assertThat(head.loss(logits(), batch(2), List.of(labels("a", "c"), labels())).item())
                .isCloseTo(sum / 6, within(1e-6));
    }

    @Test
    void predictsTheLabelsAboveTheThreshold() {
        var predictions = head.predict(logits(), batch(2));
        assertThat(predictions.get(0).toText()).isEqualTo("a (0.881), c (0.622)");
        assertThat(predictions.get(1).toJson()).isEqualTo(Map.of("labels", List.of()));
        assertThat(predictions.get(1).toText()).isEqualTo("-");
        assertThat(head(Map.of("b", 0.2)).predict(logits(), batch(2)).getFirst().toText())
                .isEqualTo("a (0.881), b (0.269), c (0.622)");
    }

    @Test
    void scoresDecisionsLabelsAndTexts() {
        var metric = head.head().newMetric();
        var predictions = head.predict(logits(), batch(2));
        assertThat(metric.add(predictions.get(0), labels("a", "b"))).isFalse();
        assertThat(metric.add(predictions.get(1), labels())).isTrue();
        assertThat(metric.scores())
                .containsEntry("precision", 0.5)
                .containsEntry("recall", 0.5)
                .containsEntry("f1", 0.5)
                .containsEntry("exact_match", 0.5);
        assertThat(metric.scores().get("macro_f1")).isCloseTo(1.0 / 3, within(1e-12));
        assertThat(metric.scoresByLabel().get("a")).containsEntry("f1", 1.0);
        assertThat(metric.scores()).containsKey(head.head().primaryMetric());
    }

    @Test
    void learnsLabelsFromListsAndFromSingleOnes() {
        assertThat(
                        provider.learnLabels(
                                List.of(labels("b", "a"), labels(), new Target.Category("c"))))
                .containsExactly("a", "b", "c");
        assertThatThrownBy(() -> provider.learnLabels(List.of(new Target.Tags(List.of("O")))))
                .hasMessageContaining("multi-label-classification takes labels for each text");
        assertThatThrownBy(() -> new MultiLabelProvider.Settings(0, 1, Map.of(), true, true, null))
                .hasMessage("threshold is 1.0, it must be in (0, 1)");
        assertThatThrownBy(
                        () ->
                                new MultiLabelProvider.Settings(
                                        0, 0.5, Map.of("a", 0.0), true, true, null))
                .hasMessage("thresholds: a is 0.0, it must be in (0, 1)");
    }

    @Test
    void ranksAllLabelsAndSaysWhichApply() {
        var prediction = head.predict(logits(), batch(2)).getFirst();

        assertThat(prediction)
                .isInstanceOfSatisfying(
                        LabelPrediction.class,
                        labels -> {
                            assertThat(labels.labels())
                                    .extracting(Label::name)
                                    .containsExactly("a", "c", "b");
                            assertThat(labels.labels().getLast().score())
                                    .isCloseTo(1 / (1 + Math.exp(1)), within(1e-12));
                            assertThat(labels.predicted()).isEqualTo(labels.labels().subList(0, 2));
                            assertThat(labels.label()).contains(labels.labels().getFirst());
                        });
        assertThat(prediction.toJson(3))
                .isEqualTo(
                        Map.of(
                                "labels",
                                List.of(
                                        ranked("a", 0.8807971, true),
                                        ranked("c", 0.62245935, true),
                                        ranked("b", 0.26894143, false))));
    }

    private static Map<String, Object> ranked(String label, double score, boolean predicted) {
        return Map.of("label", label, "score", score, "predicted", predicted);
    }

    @Test
    void noLabelIsTheAnswerWhereNoneApplies() {
        var none = (LabelPrediction) head.predict(logits(), batch(2)).getLast();

        assertThat(none.label()).isEmpty();
        assertThat(none.predicted()).isEmpty();
        assertThat(none.labels()).hasSize(3);
    }

    private static float logit(float probability) {
        return (float) Math.log(probability / (1 - probability));
    }

    @Test
    void thresholdsAreFittedToWhatGivesTheHighestF1() {
        // Of b, all above 0.3 are right; of a, none is gold, and its threshold stays.
        float[] b = {0.9f, 0.4f, 0.2f, 0.35f, 0.1f};
        boolean[] gold = {true, true, false, true, false};
        var predictions = new ArrayList<Prediction>();
        var targets = new ArrayList<Target>();
        for (int i = 0; i < b.length; i++) {
            var logits = Tensors.of(new float[] {logit(0.7f), logit(b[i]), 0}, 1, 3);
            predictions.addAll(head.predict(logits, batch(1)));
            targets.add(gold[i] ? labels("b") : labels());
        }
        var settings = new MultiLabelProvider.Settings(0.1, 0.5, Map.of(), true, true, null);
        var tuned = provider.tune(settings, List.of("a", "b"), predictions, targets);
        assertThat(tuned.threshold("a")).isEqualTo(0.5);
        assertThat(tuned.threshold("b")).isCloseTo(0.275, within(1e-6));
        assertThat(tuned.dropout()).isEqualTo(0.1);
        // What is best already stays as it is.
        assertThat(provider.tune(tuned, List.of("a", "b"), predictions, targets)).isEqualTo(tuned);
    }

    /** The logits of the decisions are not sure enough, so that the temperature is below 1. */
    @Test
    void aFittedTemperatureChangesScoresAndNothingElse() {
        var golden = Golden.read("decisions");
        var all = Golden.rows(golden.path("logits"), 1);
        var one = new HeadContext("topics", 2, List.of("a"));
        var settings = new MultiLabelProvider.Settings(0, 0.6, Map.of(), false, true, null);
        var plain = HeadUnderTest.of(provider.create(settings, one));
        var predictions = new ArrayList<Prediction>();
        var targets = new ArrayList<Target>();
        for (int i = 0; i < all.size(); i++) {
            predictions.addAll(plain.predict(Tensors.of(all.get(i), 1, 1), batch(1)));
            targets.add(golden.path("gold").get(i).asBoolean() ? labels("a") : labels());
        }

        var tuned = provider.tune(settings, one.labels(), predictions, targets);

        assertThat(tuned.temperature())
                .isCloseTo(golden.path("temperature").asDouble(), within(1e-6));
        assertThat(tuned.thresholds()).isEmpty();
        var fitted = HeadUnderTest.of(provider.create(tuned, one));
        var metric = fitted.head().newMetric();
        for (int i = 0; i < all.size(); i++) {
            var before = (LabelPrediction) predictions.get(i);
            var after =
                    (LabelPrediction)
                            fitted.predict(Tensors.of(all.get(i), 1, 1), batch(1)).getFirst();
            assertThat(after.label().isPresent()).isEqualTo(before.label().isPresent());
            assertThat(after.labels()).isNotEqualTo(before.labels());
            metric.add(after, targets.get(i));
        }
        assertThat(metric.scores().get("ece"))
                .isCloseTo(golden.path("ece").asDouble(), within(1e-9));
        assertThat(metric.scores().get("ece_uncalibrated"))
                .isCloseTo(golden.path("ece_uncalibrated").asDouble(), within(1e-9));
    }

    @Test
    void rejectsThresholdsOfLabelsThatThereAreNot() {
        assertThatThrownBy(
                        () ->
                                provider.create(
                                        new MultiLabelProvider.Settings(
                                                0,
                                                0.5,
                                                Map.of("a", 0.2, "rare", 0.3),
                                                true,
                                                true,
                                                null),
                                        new HeadContext("topics", 2, List.of("a", "b"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "task 'topics': thresholds names [rare], which the training data does not"
                                + " have");
    }

    @Test
    void namesTheLabelsThatTrainingHasNotSeen() {
        assertThat(head.unknownLabels(labels("a", "y", "b", "z"))).containsExactly("y", "z");
        assertThat(head.unknownLabels(labels())).isEmpty();
    }
}
