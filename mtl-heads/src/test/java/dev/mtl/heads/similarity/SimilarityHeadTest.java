package dev.mtl.heads.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.heads.Cosine;
import dev.mtl.heads.PairVectors;
import dev.mtl.heads.similarity.SimilarityProvider.Loss;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.stream.Stream;

/** Against sentence-transformers 6.0.1 on PyTorch 2.13 (benchmarks/peers/golden_pairs.py). */
class SimilarityHeadTest {
    private final SimilarityProvider provider = new SimilarityProvider();
    private final List<Target> scores =
            Stream.of(0.1, 0.9, 0.4, 0.9).map(s -> (Target) new Target.Values(List.of(s))).toList();

    private TaskHead<?> head(Loss loss) {
        return provider.create(
                new SimilarityProvider.Settings(loss, 20, List.of()),
                new HeadContext("sts", 3, List.of()));
    }

    private void passes(Loss loss, double value, double... gradients) {
        long before = Tensor.liveCount();
        var passed = PairVectors.pass(head(loss), 2, scores);
        assertThat(passed.loss()).isCloseTo(value, within(1e-5 * value));
        for (int i = 0; i < gradients.length; i++) {
            assertThat(passed.gradients().get(i))
                    .isCloseTo(gradients[i], within(1e-6 + 1e-5 * gradients[i]));
        }
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void cosentIsThatOfSentenceTransformers() {
        passes(
                Loss.COSENT,
                13.6770430,
                21.440323,
                31.550030,
                0.000073,
                0.000017,
                3.355707,
                3.934188,
                95.557503,
                59.723442);
    }

    @Test
    void cosineMseIsThatOfSentenceTransformers() {
        passes(
                Loss.COSINE_MSE,
                0.7378081,
                0.051785,
                0.076204,
                3.766186,
                0.865790,
                0.400328,
                0.469339,
                3.953122,
                2.470701);
    }

    @Test
    void onlyTheLossOfTheOrderComparesExamples() {
        assertThat(head(Loss.COSENT).comparesExamples()).isTrue();
        assertThat(head(Loss.COSINE_MSE).comparesExamples()).isFalse();
    }

    @Test
    void takesTwoTextsAndOneScore() {
        assertThatThrownBy(() -> PairVectors.pass(head(Loss.COSENT), 3, scores))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("task 'sts' compares two texts, not 3");
        assertThatThrownBy(() -> provider.learnLabels(List.of(new Target.Category("same"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one score for each pair");
        assertThatThrownBy(
                        () -> provider.learnLabels(List.of(new Target.Values(List.of(1.0, 2.0)))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void predictsTheCosine() {
        try (var _ = TensorScope.open()) {
            var head = HeadUnderTest.of(head(Loss.COSENT));
            var batch = HeadUnderTest.batch(4, 2);
            var said = head.predict(head.forward(PairVectors.vectors(2), batch), batch);
            assertThat(said).hasSize(4);
            // (-0.9, 0.9, 0.8) and (0.7, 0.6, 0.5)
            assertThat(((Cosine) said.getFirst()).value()).isCloseTo(0.19663, within(1e-4));
            assertThat(said.getFirst().toJson()).containsOnlyKeys("score");
        }
    }

    @Test
    void aRisingOrderCorrelatesFully() {
        var metric = head(Loss.COSENT).newMetric();
        for (float cosine : new float[] {0.1f, 0.5f, 0.2f}) {
            metric.add(new Cosine(cosine), new Target.Values(List.of((double) cosine * cosine)));
        }
        assertThat(metric.scores().get("spearman")).isCloseTo(1, within(1e-12));
        assertThat(metric.scores().get("pearson")).isLessThan(1);
    }

    @Test
    void rejectsScoresThatAreNoCosinesWhereTheyAreLearnedAsSuch() {
        var stars = new Target.Values(List.of(4.2));
        assertThatThrownBy(() -> HeadUnderTest.of(head(Loss.COSINE_MSE)).unknownLabels(stars))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes scores that are cosines, -1 to 1, not 4.2")
                .hasMessageContaining("divide");
        assertThat(
                        HeadUnderTest.of(head(Loss.COSINE_MSE))
                                .unknownLabels(new Target.Values(List.of(-1.0))))
                .isEmpty();
        assertThat(HeadUnderTest.of(head(Loss.COSENT)).unknownLabels(stars)).isEmpty();
        List<Target> four = java.util.Collections.nCopies(4, stars);
        assertThatThrownBy(() -> PairVectors.pass(head(Loss.COSINE_MSE), 2, four))
                .hasMessageContaining("not 4.2");
    }
}
