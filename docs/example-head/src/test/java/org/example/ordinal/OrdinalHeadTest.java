package org.example.ordinal;

import static dev.mtl.core.head.testkit.HeadUnderTest.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadTestKit;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

class OrdinalHeadTest {
    private static final List<String> ORDER = List.of("bad", "fair", "good");

    private final OrdinalProvider provider = new OrdinalProvider();
    private final HeadUnderTest head =
            HeadUnderTest.of(new OrdinalHead(new OrdinalProvider.Settings(ORDER, 0.1), 2));
    private TensorScope scope;

    @BeforeEach
    void openScope() {
        scope = TensorScope.open();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void keepsTheContractOfHeads() {
        HeadTestKit.of(provider, new OrdinalProvider.Settings(ORDER, 0.1))
                .withTargets(targets("bad", "fair", "good").toArray(Target[]::new))
                .verify();
    }

    @Test
    void namesALabelOutsideOfTheOrder() {
        assertEquals(List.of(), head.unknownLabels(new Target.Category("fair")));
        assertEquals(List.of("great"), head.unknownLabels(new Target.Category("great")));
    }

    @Test
    void thresholdsRise() {
        var parameters =
                Map.of(
                        "weight", Tensors.of(new float[] {1, 10}, 1, 2),
                        "thresholds", Tensors.of(new float[] {-1, 0}, 2));
        var sentences = Tensors.of(new float[] {3, 0, 0, 1}, 2, 2);

        var logits =
                HeadUnderTest.of(head.head(), parameters)
                        .forward(sentences, batch(2))
                        .toFloatRows();

        assertEquals(List.of(5f, 3f), List.of(logits[0][0], logits[0][1]));
        assertEquals(List.of(12f, 10f), List.of(logits[1][0], logits[1][1]));
    }

    @Test
    void twoLabelsHaveOneThreshold() {
        var two = new OrdinalHead(new OrdinalProvider.Settings(List.of("bad", "good"), 0), 2);
        var parameters =
                Map.of(
                        "weight", Tensors.of(new float[] {1, 10}, 1, 2),
                        "thresholds", Tensors.of(new float[] {-1}, 1));

        var logits =
                HeadUnderTest.of(two, parameters).forward(Tensors.of(new float[2], 1, 2), batch(1));

        assertEquals(1, logits.item());
    }

    @Test
    void theLossIsWhetherTextsAreAboveEachThreshold() {
        var logits = Tensors.of(new float[] {2, -1}, 1, 2);

        double loss = head.loss(logits, batch(1), targets("fair")).item();

        assertEquals(Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(-1)), loss, 1e-6);
    }

    @Test
    void predictsTheLabelInTheMiddleOfTheProbabilities() {
        var logits = Tensors.of(new float[] {-1, -2, 1, -1, 3, 2}, 3, 2);

        var predictions = head.predict(logits, batch(3));

        assertEquals("bad", predictions.get(0).toJson().get("label"));
        assertEquals("fair", predictions.get(1).toJson().get("label"));
        assertEquals("good", predictions.get(2).toJson().get("label"));
        double above = 1 / (1 + Math.exp(-1));
        assertEquals(2 * above - 1, (double) predictions.get(1).toJson().get("score"), 1e-6);
    }

    @Test
    void aStepTooFarCostsLessThanTwo() {
        var predictions = head.predict(Tensors.of(new float[] {3, 2}, 1, 2), batch(1));
        var metric = head.head().newMetric();

        assertTrue(metric.add(predictions.getFirst(), new Target.Category("good")));
        assertFalse(metric.add(predictions.getFirst(), new Target.Category("fair")));
        assertEquals(0.75, metric.scores().get(head.head().primaryMetric()), 1e-9);
        assertFalse(metric.add(predictions.getFirst(), new Target.Category("bad")));
        assertEquals(0.5, metric.scores().get(head.head().primaryMetric()), 1e-9);
    }

    @Test
    void theOrderMustNameEveryLabelOnce() {
        var labels = provider.learnLabels(targets("good", "bad"));
        var context = new HeadContext("mood", 2, labels);

        assertThrows(
                IllegalArgumentException.class,
                () -> provider.create(provider.defaults(), context));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        provider.create(
                                new OrdinalProvider.Settings(List.of("bad", "fair"), 0), context));
        assertThrows(
                IllegalArgumentException.class,
                () -> new OrdinalProvider.Settings(List.of("bad", "bad"), 0));
    }

    private static List<Target> targets(String... labels) {
        return List.of(labels).stream().map(label -> (Target) new Target.Category(label)).toList();
    }
}
