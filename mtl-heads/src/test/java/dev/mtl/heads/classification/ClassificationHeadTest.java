package dev.mtl.heads.classification;

import static dev.mtl.core.head.testkit.HeadUnderTest.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Logits, loss and scores worked out by hand. */
class ClassificationHeadTest {
    private final ClassificationProvider provider = new ClassificationProvider();
    private final HeadUnderTest head =
            HeadUnderTest.of(
                    provider.create(
                            provider.defaults(),
                            new HeadContext("intent", 2, List.of("no", "yes"))));
    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static List<Target> labels(String... labels) {
        return List.of(labels).stream().map(label -> (Target) new Target.Category(label)).toList();
    }

    @Test
    void isALinearLayerOnTheSentence() {
        var linear =
                HeadUnderTest.of(
                        head.head(),
                        Map.of(
                                "weight", Tensors.of(new float[] {1, 2, 3, 4}, 2, 2),
                                "bias", Tensors.of(new float[] {10, 20}, 2)));
        var sentences = Tensors.of(new float[] {1, 1, 0, -1}, 2, 2);
        assertThat(linear.forward(sentences, batch(2)).toFloats()).containsExactly(13, 27, 8, 16);
    }

    @Test
    void theLossIsTheMeanCrossEntropy() {
        var logits = Tensors.of(new float[] {0, 2, 1, 0, 0, 0}, 3, 2);
        double first = Math.log(1 + Math.exp(-2));
        double second = Math.log(1 + Math.exp(1));
        double third = Math.log(2);
        assertThat(head.loss(logits, batch(3), labels("yes", "yes", "no")).item())
                .isCloseTo((first + second + third) / 3, within(1e-6));
        assertThat(head.lossNormalizer(batch(3), labels("yes", "yes", "no"))).isEqualTo(3);
    }

    /** The formula of torch.nn.CrossEntropyLoss(weight, label_smoothing), in doubles. */
    private static double expected(double[][] logits, int[] classes, double[] w, double smoothing) {
        double loss = 0;
        double weights = 0;
        for (int i = 0; i < logits.length; i++) {
            double sum = Math.log(Math.exp(logits[i][0]) + Math.exp(logits[i][1]));
            double own = -(logits[i][classes[i]] - sum) * w[classes[i]];
            double all = -(logits[i][0] - sum) * w[0] - (logits[i][1] - sum) * w[1];
            loss += (1 - smoothing) * own + smoothing / 2 * all;
            weights += w[classes[i]];
        }
        return loss / weights;
    }

    @Test
    void weighsClassesAndSmoothsLabelsAsPyTorchDoes() {
        var weighing =
                HeadUnderTest.of(
                        provider.create(
                                new ClassificationProvider.Settings(
                                        0,
                                        0.2,
                                        new ClassWeights.Given(Map.of("yes", 3.0)),
                                        true,
                                        null,
                                        Reject.NONE),
                                new HeadContext("t", 2, List.of("no", "yes"))));
        double[][] rows = {{0, 2}, {1, 0}, {0.5, -1}};
        var logits = Tensors.of(new float[] {0, 2, 1, 0, 0.5f, -1}, 3, 2);
        double[] weights = {1, 3};
        assertThat(weighing.loss(logits, batch(3), labels("yes", "yes", "no")).item())
                .isCloseTo(expected(rows, new int[] {1, 1, 0}, weights, 0.2), within(1e-6));
        assertThat(weighing.lossNormalizer(batch(3), labels("yes", "yes", "no"))).isEqualTo(7);

        // cut into two batches that count by their items, it is the same loss
        double first = weighing.loss(logits.slice(0, 0, 1), batch(1), labels("yes")).item() * 3 / 7;
        double second =
                weighing.loss(logits.slice(0, 1, 3), batch(2), labels("yes", "no")).item() * 4 / 7;
        assertThat(first + second)
                .isCloseTo(expected(rows, new int[] {1, 1, 0}, weights, 0.2), within(1e-6));
    }

    /** As scikit-learn's compute_class_weight("balanced"): items / (classes * items of a class). */
    @Test
    void balancedWeightsAreLearnedFromTheCountsOfTheTrainingData() {
        var settings =
                new ClassificationProvider.Settings(
                        0, 0, new ClassWeights.Balanced(), true, null, Reject.NONE);
        var targets = Stream.of("yes", "no", "no", "no").map(Target.Category::new).toList();

        var learned = provider.learnSettings(settings, List.copyOf(targets));

        assertThat(learned.classWeights())
                .isEqualTo(new ClassWeights.Given(Map.of("yes", 2.0, "no", 4.0 / 6)));
        assertThatThrownBy(
                        () ->
                                provider.create(
                                        settings, new HeadContext("t", 2, List.of("no", "yes"))))
                .hasMessageContaining("class_weights: balanced needs training data");
    }

    @Test
    void weightsOfLabelsThatThereAreNotAreAnError() {
        assertThatThrownBy(
                        () ->
                                provider.create(
                                        new ClassificationProvider.Settings(
                                                0,
                                                0,
                                                new ClassWeights.Given(Map.of("maybe", 3.0)),
                                                true,
                                                null,
                                                Reject.NONE),
                                        new HeadContext("t", 2, List.of("no", "yes"))))
                .hasMessageContaining("class_weights names [maybe]");
        assertThatThrownBy(() -> new ClassWeights.Given(Map.of("yes", 0.0)))
                .hasMessageContaining("class_weights has 0.0 for 'yes'");
        assertThatThrownBy(
                        () ->
                                new ClassificationProvider.Settings(
                                        0, 1, ClassWeights.none(), true, null, Reject.NONE))
                .hasMessageContaining("label_smoothing is 1.0, it must be in [0, 1)");
    }

    @Test
    void saysWhichLabelWasTakenForWhich() {
        var metric = head.head().newMetric();
        var logits = Tensors.of(new float[] {0, 2, 2, 0, 2, 0}, 3, 2);
        var predictions = head.predict(logits, batch(3));
        metric.add(predictions.get(0), new Target.Category("yes"));
        metric.add(predictions.get(1), new Target.Category("yes"));
        metric.add(predictions.get(2), new Target.Category("no"));
        var confusion = metric.confusion().orElseThrow();
        assertThat(confusion.labels()).containsExactly("no", "yes");
        assertThat(confusion.count(1, 0)).isEqualTo(1);
        assertThat(confusion.count(1, 1)).isEqualTo(1);
        assertThat(confusion.count(0, 0)).isEqualTo(1);
        assertThat(metric.scoresByLabel().get("yes"))
                .containsEntry("precision", 1.0)
                .containsEntry("recall", 0.5)
                .containsEntry("support", 2.0);
    }

    @Test
    void predictsTheLikeliestLabelAndTheFirstOfEquals() {
        var logits = Tensors.of(new float[] {0, 2, 1, 1}, 2, 2);
        var predictions = head.predict(logits, batch(2));
        assertThat(predictions.getFirst().toJson()).containsEntry("label", "yes");
        assertThat((double) predictions.getFirst().toJson().get("score"))
                .isCloseTo(1 / (1 + Math.exp(-2)), within(1e-7));
        assertThat(predictions.getLast().toText()).isEqualTo("no (0.500)");
    }

    @Test
    void ranksAllLabelsWithTheirProbabilities() {
        var three =
                HeadUnderTest.of(
                        provider.create(
                                provider.defaults(),
                                new HeadContext("t", 2, List.of("a", "b", "c"))));
        var logits = Tensors.of(new float[] {1, 3, 1, -0f, 0, 0}, 2, 3);
        var predictions = three.predict(logits, batch(2));
        double sum = Math.exp(1) + Math.exp(3) + Math.exp(1);

        var first = (LabelPrediction) predictions.getFirst();
        assertThat(first.labels()).extracting(Label::name).containsExactly("b", "a", "c");
        assertThat(first.labels().getFirst().score()).isCloseTo(Math.exp(3) / sum, within(1e-12));
        assertThat(first.labels().getLast().score()).isCloseTo(Math.exp(1) / sum, within(1e-12));
        assertThat(first.label()).contains(first.labels().getFirst());
        assertThat(first.predicted()).containsExactly(first.labels().getFirst());
        assertThat(first.rejected()).isFalse();

        var equal = (LabelPrediction) predictions.getLast();
        assertThat(equal.labels()).extracting(Label::name).containsExactly("a", "b", "c");
        assertThat(equal.label()).contains(equal.labels().getFirst());
    }

    @Test
    void jsonHasTheBestLabelsOnRequest() {
        var logits = Tensors.of(new float[] {0, 2}, 1, 2);
        var prediction = head.predict(logits, batch(1)).getFirst();
        var yes = Map.of("label", "yes", "score", 0.8807971);
        var no = Map.of("label", "no", "score", 0.11920292);

        assertThat(prediction.toJson()).isEqualTo(yes);
        assertThat(prediction.toJson(1))
                .isEqualTo(Map.of("label", "yes", "score", 0.8807971, "labels", List.of(yes)));
        assertThat(prediction.toJson(9)).containsEntry("labels", List.of(yes, no));
    }

    @Test
    void saysThatATextIsEmpty() {
        var empty = new HeadBatch(List.of(PreTokenizedText.of(" \t")), batch(1).tokens(), 1);
        var prediction = head.predict(Tensors.of(new float[] {0, 2}, 1, 2), empty).getFirst();

        assertThat(((LabelPrediction) prediction).emptyText()).isTrue();
        assertThat(prediction.toJson()).containsEntry("label", "yes").containsEntry("empty", true);
        assertThat(prediction.toText()).isEqualTo("yes (0.881), the text is empty");
    }

    @Test
    void scoresTheShareOfRightLabels() {
        var metric = head.head().newMetric();
        assertThat(metric.scores()).isEqualTo(Map.of("accuracy", 0.0, "macro_f1", 0.0, "ece", 0.0));
        var logits = Tensors.of(new float[] {0, 2, 2, 0, 2, 0}, 3, 2);
        var predictions = head.predict(logits, batch(3));
        assertThat(metric.add(predictions.get(0), new Target.Category("yes"))).isTrue();
        assertThat(metric.add(predictions.get(1), new Target.Category("yes"))).isFalse();
        assertThat(metric.add(predictions.get(2), new Target.Category("never seen"))).isFalse();
        assertThat(metric.scores().get("accuracy")).isEqualTo(1.0 / 3);
        assertThat(metric.scores()).containsKey(head.head().primaryMetric());
    }

    @Test
    void learnsLabelsInAlphabeticalOrder() {
        assertThat(provider.learnLabels(labels("b", "a", "b"))).containsExactly("a", "b");
        assertThatThrownBy(() -> provider.learnLabels(List.of(new Target.Tags(List.of("O")))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("classification takes one label for each text, not Tags");
        assertThatThrownBy(
                        () ->
                                provider.create(
                                        provider.defaults(),
                                        new HeadContext("intent", 2, List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("task 'intent' has no labels");
    }

    @Test
    void allHeadsAreFoundThroughServiceLoader() {
        assertThat(HeadRegistry.load().types())
                .containsExactly(
                        "classification",
                        "contrastive",
                        "distillation",
                        "masked-language-model",
                        "multi-label-classification",
                        "pair-classification",
                        "pair-regression",
                        "regression",
                        "relation",
                        "similarity",
                        "span-extraction",
                        "tagging",
                        "token-classification");
    }

    @Test
    void namesALabelThatTrainingHasNotSeen() {
        assertThat(head.unknownLabels(new Target.Category("no"))).isEmpty();
        assertThat(head.unknownLabels(new Target.Category("c"))).containsExactly("c");
    }
}
