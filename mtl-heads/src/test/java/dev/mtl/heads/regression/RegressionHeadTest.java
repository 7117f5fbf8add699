package dev.mtl.heads.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.heads.regression.RegressionProvider.Loss;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class RegressionHeadTest {
    private final RegressionProvider provider = new RegressionProvider();

    private TaskHead<?> head(Loss loss, int width) {
        return provider.create(
                new RegressionProvider.Settings(0, loss, 1),
                new HeadContext("rating", 2, List.of("1", "2").subList(0, width)));
    }

    private static Target values(Double... values) {
        return new Target.Values(List.of(values));
    }

    /** The loss of predicting 1, 4 where 2, 4 and 0, 8 were right. */
    private double loss(Loss loss) {
        long before = Tensor.liveCount();
        try (var _ = TensorScope.open()) {
            var logits = Tensors.of(new float[] {1, 4, 1, 4}, 2, 2);
            return HeadUnderTest.of(head(loss, 2))
                    .loss(
                            logits,
                            HeadUnderTest.batch(2),
                            List.of(values(2.0, 4.0), values(0.0, 8.0)))
                    .item();
        } finally {
            assertThat(Tensor.liveCount()).isEqualTo(before);
        }
    }

    @Test
    void squaresDifferencesOrTheSmallOnesOnly() {
        assertThat(loss(Loss.MSE)).isCloseTo((1 + 0 + 1 + 16) / 4.0, within(1e-6));
        assertThat(loss(Loss.HUBER)).isCloseTo((0.5 + 0 + 0.5 + 3.5) / 4.0, within(1e-6));
    }

    /** Against scipy.stats.pearsonr and spearmanr. */
    @Test
    void correlatesAsScipyDoes() {
        var metric = head(Loss.MSE, 1).newMetric();
        double[] said = {0.1, 2.5, 2.5, 3.9, 3.0};
        double[] gold = {0, 1, 2, 3, 4};
        for (int i = 0; i < said.length; i++) {
            metric.add(new RegressionHead.Figures(List.of(said[i]), ""), values(gold[i]));
        }
        var scores = new ArrayList<>(metric.scores().keySet());
        assertThat(scores).containsExactly("mse", "mae", "pearson", "spearman");
        assertThat(metric.lowerIsBetter()).containsExactlyInAnyOrder("mse", "mae");
        assertThat(metric.scores().get("mse")).isCloseTo(0.864000, within(1e-6));
        assertThat(metric.scores().get("mae")).isCloseTo(0.800000, within(1e-6));
        assertThat(metric.scores().get("pearson")).isCloseTo(PEARSON, within(1e-6));
        assertThat(metric.scores().get("spearman")).isCloseTo(SPEARMAN, within(1e-6));
    }

    private static final double PEARSON = 0.8090398349558906;
    private static final double SPEARMAN = 0.8720815992723809;

    @Test
    void oneFigureIsAValueSeveralAreAList() {
        assertThat(new RegressionHead.Figures(List.of(1.5), "").toJson())
                .isEqualTo(Map.of("value", 1.5));
        assertThat(new RegressionHead.Figures(List.of(1.5, 2.0), "").toJson())
                .isEqualTo(Map.of("values", List.of(1.5, 2.0)));
    }

    @Test
    void printsTheDigitsThatIdentifyAFloat() {
        double value = 0.1f; // 0.10000000149011612
        var figures = new RegressionHead.Figures(List.of(value), "");
        assertThat(figures.toJson()).isEqualTo(Map.of("value", 0.1));
        assertThat(figures.toText()).isEqualTo("0.1");
        assertThat(figures.value()).isEqualTo(value);
    }

    @Test
    void everyTextHasAsManyFigures() {
        assertThat(provider.learnLabels(List.of(values(1.0, 2.0)))).containsExactly("1", "2");
        assertThatThrownBy(() -> provider.learnLabels(List.of(values(1.0), values(1.0, 2.0))))
                .hasMessageContaining("there are texts with 1 and with 2");
        assertThatThrownBy(() -> provider.learnLabels(List.of(new Target.Category("x"))))
                .hasMessage("regression takes numbers for each text, not Category");
        assertThatThrownBy(
                        () ->
                                provider.create(
                                        provider.defaults(), new HeadContext("t", 2, List.of())))
                .hasMessage("task 't' has no values to learn");
    }

    @Test
    void anotherNumberOfFiguresThanInTrainingIsSaidBeforeTraining() {
        var one =
                HeadUnderTest.of(
                        provider.create(
                                provider.defaults(), new HeadContext("stars", 2, List.of("1"))));
        assertThat(one.unknownLabels(new Target.Values(List.of(3.0)))).isEmpty();
        assertThatThrownBy(() -> one.unknownLabels(new Target.Values(List.of(3.0, 4.0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("task 'stars': a text has 2 values, the training data has 1");
    }
}
