package dev.mtl.heads.classification;

import static dev.mtl.core.head.testkit.HeadUnderTest.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadTestKit;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.heads.classification.ClassificationProvider.Settings;
import dev.mtl.heads.classification.Reject.Method;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A classification head that may say that a text has none of its labels. */
class ClassificationRejectTest {
    private final ClassificationProvider provider = new ClassificationProvider();
    private final TensorScope scope = TensorScope.open();

    @AfterEach
    void close() {
        scope.close();
    }

    private static Settings settings(Method method, @Nullable Double threshold) {
        return new Settings(
                0, 0, ClassWeights.none(), false, null, new Reject(method, 0.95, "oos", threshold));
    }

    private HeadUnderTest head(Settings settings) {
        return head(settings, Map.of());
    }

    private HeadUnderTest head(Settings settings, Map<String, Tensor> parameters) {
        return HeadUnderTest.of(
                provider.create(settings, new HeadContext("intent", 2, List.of("no", "yes"))),
                parameters);
    }

    private static Target label(String label) {
        return new Target.Category(label);
    }

    @Test
    void theLabelOfOutOfScopeTextsIsNoClass() {
        var targets = List.of(label("b"), label("oos"), label("a"));

        assertThat(provider.learnLabels(settings(Method.ENERGY, null), targets))
                .containsExactly("a", "b");
        assertThat(provider.learnLabels(provider.defaults(), targets))
                .containsExactly("a", "b", "oos");
    }

    @Test
    void outOfScopeTextsDoNotCountInTheLoss() {
        var head = head(settings(Method.ENERGY, null));
        var three = Tensors.of(new float[] {0, 2, 1, 0, 7, -7}, 3, 2);
        var targets = List.of(label("yes"), label("no"), label("oos"));

        assertThat(head.loss(three, batch(3), targets).item())
                .isEqualTo(head.loss(three.slice(0, 0, 2), batch(2), targets.subList(0, 2)).item());
        assertThat(head.lossNormalizer(batch(3), targets)).isEqualTo(2);
        assertThat(head.lossNormalizer(batch(1), targets.subList(2, 3))).isZero();
        assertThat(head.unknownLabels(label("oos"))).isEmpty();
        assertThat(head.unknownLabels(label("other"))).containsExactly("other");
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheContractOfHeads(Method method) {
        var reject = new Reject(method, 0.95, null, 0.1);
        HeadTestKit.of(provider, new Settings(0.1, 0, ClassWeights.none(), true, null, reject))
                .withTargets(label("a"), label("b"), label("c"), label("a"))
                .verify();
    }

    @Test
    void aRejectedTextHasNoLabelButTheNearest() {
        var head = head(settings(Method.MAX_PROBABILITY, 0.8));
        var logits = Tensors.of(new float[] {0, 2, 0, 1}, 2, 2);
        var predictions = head.predict(logits, batch(2));

        var accepted = (LabelPrediction) predictions.getFirst();
        assertThat(accepted.rejected()).isFalse();
        assertThat(accepted.label().map(Label::name)).contains("yes");
        assertThat(accepted.toJson()).containsOnlyKeys("label", "score");

        var rejected = (LabelPrediction) predictions.getLast();
        assertThat(rejected.rejected()).isTrue();
        assertThat(rejected.label()).isEmpty();
        assertThat(rejected.predicted()).isEmpty();
        assertThat(rejected.labels()).extracting(Label::name).containsExactly("yes", "no");
        assertThat(rejected.toJson().keySet())
                .containsExactly("label", "score", "rejected", "nearest");
        assertThat(rejected.toJson())
                .containsEntry("label", null)
                .containsEntry("score", 0.7310586)
                .containsEntry("rejected", true)
                .containsEntry("nearest", "yes");
        assertThat(rejected.toText()).isEqualTo("rejected, nearest is yes (0.731)");
        assertThat(rejected.toJson(1)).containsKey("labels");
    }

    @Test
    void anEmptyTextIsRejectedWhateverItsScore() {
        var empty = new HeadBatch(List.of(PreTokenizedText.of("")), batch(1).tokens(), 1);
        var logits = Tensors.of(new float[] {0, 9}, 1, 2);

        var prediction = head(settings(Method.ENERGY, null)).predict(logits, empty).getFirst();

        assertThat(((LabelPrediction) prediction).rejected()).isTrue();
        assertThat(prediction.toJson())
                .containsEntry("label", null)
                .containsEntry("nearest", "yes")
                .containsEntry("empty", true);
    }

    @Test
    void accuracyIsOfTextsInScopeAndARejectedOneIsWrong() {
        var head = head(settings(Method.MAX_PROBABILITY, 0.8));
        var logits = Tensors.of(new float[] {0, 2, 0, 1, 0, 1, 3, 0}, 4, 2);
        var predictions = head.predict(logits, batch(4));
        var metric = head.head().newMetric();

        assertThat(metric.add(predictions.get(0), label("yes"))).isTrue();
        assertThat(metric.add(predictions.get(1), label("yes"))).isFalse(); // rejected
        assertThat(metric.add(predictions.get(2), label("oos"))).isTrue(); // rejected
        assertThat(metric.add(predictions.get(3), label("oos"))).isFalse(); // taken for no

        assertThat(metric.scores())
                .containsEntry("accuracy", 0.5)
                .containsEntry("in_scope_accepted", 0.5)
                .containsEntry("out_of_scope_rejected", 0.5);
        assertThat(metric.scores().get("auroc")).isCloseTo(1.5 / 4, within(1e-12));
        assertThat(metric.scoresByLabel().get("no")).containsEntry("precision", 0.0);
        assertThat(metric.confusion().orElseThrow().count(1, 1)).isEqualTo(1);
    }

    @Test
    void fitsTheThresholdToTextsInScope() {
        var settings = settings(Method.ENERGY, null);
        var head = head(settings);
        var predictions = new ArrayList<Prediction>();
        var targets = new ArrayList<Target>();
        for (int i = 0; i < 120; i++) {
            var logits = Tensors.of(new float[] {i, -1000}, 1, 2);
            predictions.addAll(head.predict(logits, batch(1)));
            targets.add(label(i < 20 ? "oos" : "no"));
        }

        var tuned = provider.tune(settings, List.of("no", "yes"), predictions, targets);

        // of the energies 20 to 119, the lowest five are rejected
        assertThat(tuned.reject().threshold()).isCloseTo(24.5, within(1e-6));
        assertThat(tuned.temperature()).isNull();
    }

    /** Two labels at (0, 0) and (4, 0); what is far from both has as sure a logit as any. */
    @Test
    void comparesTextsWithTheEmbeddingsOfTheTrainingData() {
        var settings = settings(Method.MAHALANOBIS, null);
        var linear =
                Map.of(
                        "weight", Tensors.of(new float[] {-1, 0, 1, 0}, 2, 2),
                        "bias", Tensors.of(new float[] {2, -2}, 2));
        var embeddings = new ArrayList<Float>();
        var targets = new ArrayList<Target>();
        for (int i = 0; i < 80; i++) {
            embeddings.add((float) (i % 2 * 4 + Math.sin(i)));
            embeddings.add((float) Math.cos(i * 1.7));
            targets.add(label(i % 2 == 0 ? "no" : "yes"));
        }
        var unfitted = head(settings, withZeros(linear, settings));
        var predictions = predict(unfitted, embeddings);

        var weights = provider.fitWeights(settings, List.of("no", "yes"), predictions, targets);
        var fitted = head(settings, with(linear, weights));
        var tuned =
                provider.tune(settings, List.of("no", "yes"), predict(fitted, embeddings), targets);

        var rejecting = head(tuned, with(linear, weights));
        var said = predict(rejecting, List.of(0f, 0f, 4f, 0.5f, 2f, 40f, -30f, 0f));
        assertThat(said)
                .extracting(prediction -> ((LabelPrediction) prediction).rejected())
                .containsExactly(false, false, true, true);
        assertThat(rejecting.head().linear()).isEmpty();
    }

    private Map<String, Tensor> withZeros(Map<String, Tensor> linear, Settings settings) {
        var all = new HashMap<>(linear);
        for (ParameterSpec spec : head(settings).head().parameters()) {
            all.computeIfAbsent(spec.name(), _ -> spec.initializer().make(spec.shape()));
        }
        return all;
    }

    private static Map<String, Tensor> with(
            Map<String, Tensor> linear, Map<String, float[]> weights) {
        var all = new HashMap<>(linear);
        for (var spec : LabelGaussians.parameters(2, 2)) {
            all.put(spec.name(), Tensors.of(weights.get(spec.name()), spec.shape()));
        }
        return all;
    }

    private static List<Prediction> predict(HeadUnderTest head, List<Float> embeddings) {
        var values = new float[embeddings.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = embeddings.get(i);
        }
        int rows = values.length / 2;
        var logits = head.forward(Tensors.of(values, rows, 2), batch(rows));
        return new ArrayList<>(head.predict(logits, batch(rows)));
    }
}
