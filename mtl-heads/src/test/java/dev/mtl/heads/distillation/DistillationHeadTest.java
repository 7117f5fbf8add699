package dev.mtl.heads.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.heads.PairVectors;
import dev.mtl.heads.distillation.DistillationProvider.Loss;
import dev.mtl.heads.distillation.DistillationProvider.Similarity;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Against sentence-transformers 6.0.1 on PyTorch 2.13 (benchmarks/peers/golden_pairs.py). */
class DistillationHeadTest {
    private final DistillationProvider provider = new DistillationProvider();

    private TaskHead<?> head(Loss loss, Similarity similarity, int teacherSize) {
        return provider.create(
                new DistillationProvider.Settings("some", loss, similarity, teacherSize),
                new HeadContext("like", 3, List.of()));
    }

    /** What a teacher says of four examples of three texts. */
    private static List<Target> taught() {
        var targets = new ArrayList<Target>();
        for (int example = 0; example < 4; example++) {
            int from = example * 9;
            targets.add(
                    new Target.Taught(
                            new Target.Unlabelled(),
                            IntStream.range(0, 3)
                                    .mapToObj(text -> embedding(from + text * 3))
                                    .toList()));
        }
        return targets;
    }

    private static float[] embedding(int from) {
        var embedding = new float[3];
        for (int i = 0; i < 3; i++) {
            embedding[i] = ((from + i) * 29 % 17 - 8) / 10f;
        }
        return embedding;
    }

    private static void check(TaskHead<?> head, double value, double... gradients) {
        var passed = PairVectors.pass(head, 3, taught());
        assertThat(passed.loss()).isCloseTo(value, within(1e-6));
        assertThat(passed.gradients()).hasSize(gradients.length);
        for (int i = 0; i < gradients.length; i++) {
            assertThat(passed.gradients().get(i)).isCloseTo(gradients[i], within(2e-6));
        }
    }

    @Test
    void embeddingsAreLearnedAsBySentenceTransformers() {
        check(
                head(Loss.EMBEDDING_MSE, Similarity.COSINE, 3),
                0.4447222,
                0.083333,
                0.094444,
                0.077778,
                0.088889,
                0.083333,
                0.061111,
                0.194444,
                0.100000,
                0.050000,
                0.072222,
                0.100000,
                0.077778);
    }

    @Test
    void marginsOfCosinesAreLearnedAsBySentenceTransformers() {
        check(
                head(Loss.MARGIN_MSE, Similarity.COSINE, 3),
                0.5434742,
                0.003374,
                0.074723,
                0.150713,
                0.173381,
                1.481108,
                0.761866,
                0.005635,
                0.106978,
                0.172094,
                0.410016,
                1.740929,
                0.617005);
    }

    @Test
    void marginsOfProductsAreLearnedAsBySentenceTransformers() {
        check(
                head(Loss.MARGIN_MSE, Similarity.DOT, 3),
                0.4036250,
                0.063000,
                0.182000,
                0.182000,
                0.418500,
                0.093000,
                0.093000,
                0.135000,
                0.390000,
                0.390000,
                0.360000,
                0.120000,
                0.120000);
    }

    @Test
    void otherSizesAreProjectedForEmbeddingsOnly() {
        assertThat(head(Loss.EMBEDDING_MSE, Similarity.COSINE, 5).parameters())
                .extracting(ParameterSpec::name)
                .containsExactly("projection.weight", "projection.bias");
        assertThat(head(Loss.EMBEDDING_MSE, Similarity.COSINE, 3).parameters()).isEmpty();
        assertThat(head(Loss.MARGIN_MSE, Similarity.COSINE, 5).parameters()).isEmpty();
    }

    @Test
    void theSizeOfTheTeachersEmbeddingsIsLearnedFromThem() {
        var settings =
                new DistillationProvider.Settings(
                        "some", Loss.EMBEDDING_MSE, Similarity.COSINE, null);
        assertThat(provider.learnSettings(settings, taught()).teacherSize()).isEqualTo(3);
    }

    @Test
    void aTeacherIsNeeded() {
        assertThatThrownBy(() -> provider.teacher(provider.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("teacher is missing");
    }

    @Test
    void theMetricComparesWithTheTeacher() {
        var head = head(Loss.EMBEDDING_MSE, Similarity.COSINE, 3);
        var metric = head.newMetric();
        var said = List.of(new float[] {1, 0, 0}, new float[] {0, 2, 0});
        var other = List.of(new float[] {1, 0, 0}, new float[] {1, 0, 0});
        metric.add(new Distilled(false, said), new Target.Taught(new Target.Unlabelled(), other));
        assertThat(metric.scores()).containsEntry("cosine", 0.5).containsEntry("mse", 5.0 / 6);
        assertThat(metric.lowerIsBetter()).containsExactly("mse");
        assertThatThrownBy(() -> metric.add(new Distilled(false, said), new Target.Unlabelled()))
                .hasMessageContaining("there are none");
    }
}
