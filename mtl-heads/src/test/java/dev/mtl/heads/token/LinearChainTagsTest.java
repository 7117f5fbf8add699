package dev.mtl.heads.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** Against all paths there are, one by one. */
@ExtendWith(LeavesNoTensorBehind.class)
class LinearChainTagsTest {
    private static final List<String> TAGS = List.of("O", "B-a", "I-a");
    private static final int C = 3;

    /** Tokens of three texts: [CLS], words and pieces, [SEP], padding; the last has no word. */
    private static final int[][] WORDS = {{1, 2, 4, 5}, {1, 3}, {}};

    private static final int[][] GOLD = {{1, 2, 0, 1}, {0, 1}, {}};
    private static final int LENGTH = 7;

    private final LinearChainTags free = new LinearChainTags(TAGS, false);

    /** The logits of three texts, then the transitions, start and end, C in a line. */
    private double[] figures = new double[0];

    @BeforeEach
    void draw() {
        var random = new SplittableRandom(8);
        figures = random.doubles((3 * LENGTH + C + 2) * C, -2, 2).toArray();
    }

    private static double emission(double[] all, int row, int token, int tag) {
        return all[(row * LENGTH + token) * C + tag];
    }

    private static double extra(double[] all, int line, int tag) {
        return all[(3 * LENGTH + line) * C + tag];
    }

    /** Leaves, {@code [3, S, C]} and the parameters, of one tensor. */
    private static Tensor logits(Tensor all) {
        return all.slice(0, 0, 3 * LENGTH).reshape(3, LENGTH, C);
    }

    private static Parameters parameters(Tensor all) {
        return new Parameters(
                Map.of(
                        "crf.transitions",
                        all.slice(0, 3 * LENGTH, 3 * LENGTH + C),
                        "crf.start_transitions",
                        all.select(0, 3 * LENGTH + C),
                        "crf.end_transitions",
                        all.select(0, 3 * LENGTH + C + 1)));
    }

    private static double score(double[] all, int row, int[] tokens, int[] tags) {
        double sum = extra(all, C, tags[0]) + extra(all, C + 1, tags[tags.length - 1]);
        for (int i = 0; i < tags.length; i++) {
            sum += emission(all, row, tokens[i], tags[i]);
            sum += i == 0 ? 0 : extra(all, tags[i - 1], tags[i]);
        }
        return sum;
    }

    private static List<int[]> paths(int words) {
        var paths = new ArrayList<int[]>();
        for (int number = 0; number < Math.pow(C, words); number++) {
            var path = new int[words];
            int rest = number;
            for (int i = 0; i < words; i++) {
                path[i] = rest % C;
                rest /= C;
            }
            paths.add(path);
        }
        return paths;
    }

    /** The mean negative log-likelihood over the words. */
    private static double expected(double[] all) {
        double loss = 0;
        int words = 0;
        for (int row = 0; row < WORDS.length; row++) {
            if (WORDS[row].length > 0) {
                double sum = 0;
                for (var path : paths(WORDS[row].length)) {
                    sum += Math.exp(score(all, row, WORDS[row], path));
                }
                loss += Math.log(sum) - score(all, row, WORDS[row], GOLD[row]);
                words += WORDS[row].length;
            }
        }
        return loss / words;
    }

    private static long[] classes() {
        var classes = new long[3 * LENGTH];
        Arrays.fill(classes, Losses.IGNORE_INDEX);
        for (int row = 0; row < WORDS.length; row++) {
            for (int i = 0; i < WORDS[row].length; i++) {
                classes[row * LENGTH + WORDS[row][i]] = GOLD[row][i];
            }
        }
        return classes;
    }

    @Test
    void theLossIsTheNegativeLogLikelihoodAndItsGradientFollows() {
        try (var _ = TensorScope.open()) {
            var leaf = Autograd.requireGrad(Tensors.of(figures, 3 * LENGTH + C + 2, C), true);
            var loss = free.loss(parameters(leaf), logits(leaf), classes(), 3);
            assertThat(loss.item()).isCloseTo(expected(figures), within(1e-10));
            Autograd.backward(loss);
            checkGradient(leaf, LinearChainTagsTest::expected);
        }
    }

    private void checkGradient(Tensor leaf, ToDoubleFunction<double[]> expected) {
        var gradient = Autograd.grad(leaf).orElseThrow().toDoubles();
        assertThat(gradient).hasSize(78);
        for (int i = 0; i < figures.length; i++) {
            double h = 1e-5;
            var up = figures.clone();
            var down = figures.clone();
            up[i] += h;
            down[i] -= h;
            assertThat(gradient[i])
                    .as("element %d", i)
                    .isCloseTo(
                            (expected.applyAsDouble(up) - expected.applyAsDouble(down)) / (2 * h),
                            within(1e-8));
        }
    }

    /** The mean divergence over the words, path by path; the second pass has other logits. */
    private static double expectedDivergence(double[] all, double[] shifts) {
        var other = all.clone();
        for (int i = 0; i < shifts.length; i++) {
            other[i] += shifts[i];
        }
        double divergence = 0;
        int words = 0;
        for (int row = 0; row < WORDS.length; row++) {
            if (WORDS[row].length > 0) {
                var one = logProbabilities(all, row);
                var two = logProbabilities(other, row);
                for (int path = 0; path < one.length; path++) {
                    double difference = one[path] - two[path];
                    divergence += (Math.exp(one[path]) - Math.exp(two[path])) * difference / 2;
                }
                words += WORDS[row].length;
            }
        }
        return divergence / words;
    }

    private static double[] logProbabilities(double[] all, int row) {
        var scores =
                paths(WORDS[row].length).stream()
                        .mapToDouble(path -> score(all, row, WORDS[row], path))
                        .toArray();
        double sum = Math.log(Arrays.stream(scores).map(Math::exp).sum());
        return Arrays.stream(scores).map(score -> score - sum).toArray();
    }

    @Test
    void theDivergenceOfTwoPassesIsThatOverAllPathsAndItsGradientFollows() {
        var shifts = new SplittableRandom(9).doubles(3 * LENGTH * C, -1, 1).toArray();
        try (var _ = TensorScope.open()) {
            var leaf = Autograd.requireGrad(Tensors.of(figures, 3 * LENGTH + C + 2, C), true);
            var again = logits(leaf).add(Tensors.of(shifts, 3, LENGTH, C));
            var divergence = free.divergence(parameters(leaf), logits(leaf), again, classes(), 3);
            assertThat(divergence.item())
                    .isCloseTo(expectedDivergence(figures, shifts), within(1e-10))
                    .isGreaterThan(0.01);
            Autograd.backward(divergence);
            checkGradient(leaf, all -> expectedDivergence(all, shifts));
        }
    }

    @Test
    void choosesTheBestPathWithItsMarginals() {
        var floats = new float[figures.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) figures[i];
            figures[i] = floats[i];
        }
        try (var _ = TensorScope.open()) {
            var all = Tensors.of(floats, 3 * LENGTH + C + 2, C);
            for (boolean constrained : new boolean[] {false, true}) {
                var model = new LinearChainTags(TAGS, constrained);
                var runs = List.of(new TagModel.Run(0, WORDS[0]), new TagModel.Run(1, WORDS[1]));
                var choices = model.choose(parameters(all), logits(all), runs);
                for (int row = 0; row < 2; row++) {
                    check(row, choices.get(row), constrained);
                }
                assertThat(model.choose(parameters(all), logits(all), List.of())).isEmpty();
            }
        }
    }

    private void check(int row, TagModel.Choice choice, boolean constrained) {
        int[] best = {};
        double most = Double.NEGATIVE_INFINITY;
        double all = 0;
        var with = new double[WORDS[row].length];
        for (var path : paths(WORDS[row].length)) {
            double score = score(figures, row, WORDS[row], path);
            all += Math.exp(score);
            for (int i = 0; i < path.length; i++) {
                with[i] += path[i] == choice.tags()[i] ? Math.exp(score) : 0;
            }
            boolean possible = true;
            for (int i = 0; i < path.length; i++) {
                possible &= path[i] != 2 || (i > 0 && path[i - 1] != 0);
            }
            if ((possible || !constrained) && score > most) {
                most = score;
                best = path;
            }
        }
        assertThat(choice.tags()).containsExactly(best);
        for (int i = 0; i < with.length; i++) {
            assertThat((double) choice.probabilities()[i][choice.tags()[i]])
                    .isCloseTo(with[i] / all, within(1e-6));
        }
    }

    @Test
    void hasParametersOfItsOwnAndNoWeights() {
        assertThat(free.parameters().stream().map(spec -> spec.name()))
                .containsExactly("crf.transitions", "crf.start_transitions", "crf.end_transitions");
        assertThatThrownBy(
                        () ->
                                new TokenClassificationProvider.Settings(
                                        0,
                                        0.1,
                                        ClassWeights.none(),
                                        TokenClassificationProvider.Decoding.CONSTRAINED,
                                        true,
                                        true,
                                        null))
                .hasMessageContaining(
                        "which label_smoothing, class_weights and focal_gamma do not apply to");
    }
}
