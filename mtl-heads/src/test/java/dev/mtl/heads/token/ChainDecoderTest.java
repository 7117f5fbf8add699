package dev.mtl.heads.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.SplittableRandom;

/** Two types of entities, against all paths there are, one by one. */
class ChainDecoderTest {
    private static final List<String> TAGS = List.of("O", "B-a", "B-b", "I-a", "I-b");
    private static final int C = TAGS.size();
    private static final int[] LENGTHS = {4, 1, 3};
    private static final int WIDTH = 4;

    private final SplittableRandom random = new SplittableRandom(6);
    private final double[] emissions = draw(LENGTHS.length * WIDTH * C);
    private final double[] transitions = draw(C * C);
    private final double[] start = draw(C);
    private final double[] end = draw(C);

    private double[] draw(int count) {
        return random.doubles(count, -2, 2).toArray();
    }

    private double score(int row, int[] path) {
        double sum = start[path[0]] + end[path[path.length - 1]];
        for (int i = 0; i < path.length; i++) {
            sum += emissions[(row * WIDTH + i) * C + path[i]];
            sum += i == 0 ? 0 : transitions[path[i - 1] * C + path[i]];
        }
        return sum;
    }

    private static boolean isPossible(int[] path) {
        for (int i = 0; i < path.length; i++) {
            var tag = TAGS.get(path[i]);
            if (tag.startsWith("I-")
                    && (i == 0 || !TAGS.get(path[i - 1]).endsWith(tag.substring(1)))) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void choosesTheBestPathWithItsMarginals(boolean constrained) {
        var present = new boolean[LENGTHS.length * WIDTH];
        for (int row = 0; row < LENGTHS.length; row++) {
            java.util.Arrays.fill(present, row * WIDTH, row * WIDTH + LENGTHS[row], true);
        }
        try (var _ = TensorScope.open()) {
            var choices =
                    new ChainDecoder(TAGS, constrained)
                            .choose(
                                    new ChainDecoder.Chains(
                                            Tensors.of(emissions, LENGTHS.length, WIDTH, C),
                                            LENGTHS,
                                            Tensors.of(present, LENGTHS.length, WIDTH),
                                            Tensors.of(transitions, C, C),
                                            Tensors.of(start, C),
                                            Tensors.of(end, C)));
            for (int row = 0; row < LENGTHS.length; row++) {
                check(row, choices.get(row), constrained);
            }
        }
    }

    private void check(int row, TagModel.Choice choice, boolean constrained) {
        int[] best = {};
        double most = Double.NEGATIVE_INFINITY;
        double all = 0;
        var with = new double[LENGTHS[row]];
        for (int number = 0; number < Math.pow(C, LENGTHS[row]); number++) {
            var path = new int[LENGTHS[row]];
            int rest = number;
            for (int i = 0; i < path.length; i++) {
                path[i] = rest % C;
                rest /= C;
            }
            double score = score(row, path);
            all += Math.exp(score);
            for (int i = 0; i < path.length; i++) {
                with[i] += path[i] == choice.tags()[i] ? Math.exp(score) : 0;
            }
            if (score > most && (!constrained || isPossible(path))) {
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
}
