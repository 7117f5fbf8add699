package dev.mtl.heads.contrastive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.PairVectors;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Against sentence-transformers 6.0.1 on PyTorch 2.13 (benchmarks/peers/golden_pairs.py). */
class ContrastiveHeadTest {
    private static final List<Target> ALONE = Collections.nCopies(4, new Target.Unlabelled());

    private final ContrastiveProvider provider = new ContrastiveProvider();
    private final TaskHead<?> head =
            provider.create(provider.defaults(), new HeadContext("pairs", 3, List.of()));

    private void passes(int texts, double value, double... gradients) {
        passes(head, texts, value, gradients);
    }

    private TaskHead<?> head(
            boolean symmetric,
            boolean skipDuplicates,
            @Nullable Double margin,
            List<String> dimensions) {
        return provider.create(
                new ContrastiveProvider.Settings(
                        20, symmetric, skipDuplicates, margin, null, dimensions),
                new HeadContext("pairs", 3, List.of()));
    }

    private static void passes(TaskHead<?> head, int texts, double value, double... gradients) {
        passes(head, texts, ALONE, value, gradients);
    }

    private static void passes(
            TaskHead<?> head, int texts, List<Target> targets, double value, double... gradients) {
        long before = Tensor.liveCount();
        var passed = PairVectors.pass(head, texts, targets);
        assertThat(passed.loss()).isCloseTo(value, within(1e-5 * value));
        for (int i = 0; i < gradients.length; i++) {
            assertThat(passed.gradients().get(i))
                    .isCloseTo(gradients[i], within(1e-5 + 1e-5 * gradients[i]));
        }
        assertThat(Tensor.liveCount()).isEqualTo(before);
    }

    @Test
    void ranksAmongTheTextsOfTheBatch() {
        passes(
                2,
                10.0740299,
                0.032718,
                6.642139,
                3.553341,
                26.516315,
                10.417819,
                5.601021,
                45.979637,
                3.497729);
    }

    @Test
    void ranksAmongHardNegativesToo() {
        passes(
                3,
                11.1523094,
                0.008955,
                5.646632,
                3.162030,
                15.124076,
                13.507207,
                4.426244,
                10.386806,
                5.251894,
                0.787515,
                43.508713,
                3.126485,
                3.367255);
    }

    @Test
    void textsFindTheirAnchorsToo() {
        passes(
                head(true, false, null, List.of()),
                2,
                11.9224739,
                2.684202,
                9.106121,
                25.713356,
                13.680882,
                7.796284,
                7.217246,
                54.653454,
                1.271637);
    }

    @Test
    void theFirstDimensionsAreTrainedBesideAll() {
        passes(
                head(false, false, null, List.of("2")),
                2,
                36.0614700,
                0.502729,
                14.593522,
                77.875389,
                33.348099,
                10.397374,
                7.056647,
                71.400269,
                22.485235);
    }

    /** Against GISTEmbedLoss without anchors and positives among the candidates. */
    @Test
    void textsThatAGuideFindsNearerAreNoNegatives() {
        guided(
                2, null, 3.0541153, 0.000000, 0.048553, 3.553341, 26.516901, 10.418249, 5.908395,
                0.000000, 14.430594);
        guided(
                3,
                null,
                10.8197594,
                0.000000,
                0.042824,
                4.718858,
                15.124074,
                13.507206,
                4.426251,
                10.386835,
                5.905644,
                2.026640,
                42.659920,
                3.126485,
                3.367261);
        guided(
                3,
                0.3,
                11.1211805,
                0.015429,
                5.275081,
                3.079240,
                15.124074,
                13.507203,
                4.426238,
                10.386806,
                5.460684,
                1.568455,
                43.508713,
                3.126485,
                3.367251);
    }

    private void guided(int texts, @Nullable Double margin, double value, double... gradients) {
        var targets = new ArrayList<Target>();
        for (int example = 0; example < 4; example++) {
            var guide = new ArrayList<float[]>();
            for (int text = 0; text < texts; text++) {
                var embedding = new float[4];
                for (int i = 0; i < 4; i++) {
                    embedding[i] = ((example * 12 + text * 4 + i) * 29 % 17 - 8) / 10f;
                }
                guide.add(embedding);
            }
            targets.add(new Target.Taught(new Target.Unlabelled(), guide));
        }
        var settings =
                new ContrastiveProvider.Settings(20, false, false, margin, "some", List.of());
        passes(
                provider.create(settings, new HeadContext("pairs", 3, List.of())),
                texts,
                targets,
                value,
                gradients);
    }

    @Test
    void textsThatAreNearerThanTheOwnOneAreNoNegatives() {
        passes(
                head(false, false, 0.1, List.of("2")),
                2,
                0.8611110,
                0.502729,
                8.830507,
                13.858492,
                1.168912,
                0.059313,
                7.356804,
                0.871591,
                5.205625);
    }

    @Test
    void textsThatAreTheSameAreNoNegatives() {
        // all texts of the test's batch are the same: nothing is left to be told apart from
        var skipping = head(false, true, null, List.of());
        assertThat(PairVectors.pass(skipping, 3, ALONE).loss()).isCloseTo(0, within(1e-6));
    }

    @Test
    void dimensionsThatEmbeddingsDoNotHaveAreRefused() {
        assertThatThrownBy(() -> head(false, false, null, List.of("3")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("matryoshka has 3, the embeddings have 3 dimensions");
        assertThatThrownBy(() -> head(false, false, null, List.of("2", "2")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("different numbers of dimensions");
    }

    @Test
    void textsOfTheSameLabelAreNoNegatives() {
        List<Target> labels =
                Stream.of("a", "b", "c", "d").map(l -> (Target) new Target.Category(l)).toList();
        assertThat(PairVectors.pass(head, 2, labels)).isEqualTo(PairVectors.pass(head, 2, ALONE));
        var same = Collections.nCopies(4, (Target) new Target.Category("a"));
        // Nothing is left to be told apart from.
        assertThat(PairVectors.pass(head, 2, same).loss()).isCloseTo(0, within(1e-6));
        // Of three texts the last is a negative whatever the labels are.
        assertThat(PairVectors.pass(head, 3, same).loss()).isGreaterThan(1);
    }

    @Test
    void takesTextsAloneOrWithALabel() {
        assertThat(provider.learnLabels(List.of(new Target.Unlabelled(), new Target.Category("a"))))
                .isEmpty();
        assertThatThrownBy(() -> provider.learnLabels(List.of(new Target.Values(List.of(1.0)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("data.kind: none");
    }

    @Test
    void scoresHowHighTheOwnTextRanks() {
        var metric = head.newMetric();
        float[][] anchors = {{1, 0}, {0, 1}, {0.6f, 0.8f}};
        float[][] texts = {{1, 0}, {0.6f, 0.8f}, {0.8f, 0.6f}};
        for (int i = 0; i < anchors.length; i++) {
            metric.add(new Pair(anchors[i], texts[i]), new Target.Unlabelled());
        }
        // The third one's cosines are 0.6, 1.0 and, with its own text, 0.96.
        assertThat(metric.scores().get("accuracy_at_1")).isCloseTo(2 / 3.0, within(1e-9));
        assertThat(metric.scores().get("mrr")).isCloseTo((1 + 1 + 0.5) / 3, within(1e-9));
    }

    @Test
    void whatIsNoNumberNeverRanksFirst() {
        var metric = head.newMetric();
        float[] broken = {Float.NaN, 0};
        float[] whole = {1, 0};
        metric.add(new Pair(whole, whole), new Target.Unlabelled());
        metric.add(new Pair(broken, whole), new Target.Unlabelled());
        assertThat(metric.scores().get("mrr")).isNaN();
        assertThat(metric.scores().get("accuracy_at_1")).isNaN();
        var other = head.newMetric();
        other.add(new Pair(whole, whole), new Target.Unlabelled());
        other.add(new Pair(whole, broken), new Target.Unlabelled());
        assertThat(other.scores().get("mrr")).isNaN();
    }
}
