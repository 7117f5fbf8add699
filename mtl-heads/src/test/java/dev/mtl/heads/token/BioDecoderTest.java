package dev.mtl.heads.token;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

class BioDecoderTest {
    private static final List<String> TAGS = List.of("O", "B-a", "B-b", "I-a", "I-b");

    private static boolean isPossible(int[] tags) {
        for (int i = 0; i < tags.length; i++) {
            var tag = TAGS.get(tags[i]);
            if (tag.startsWith("I-")) {
                var before = i == 0 ? "O" : TAGS.get(tags[i - 1]);
                if (!before.endsWith(tag.substring(1))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The best possible sequence, among all there are. */
    private static int[] bruteForce(double[][] logs) {
        int[] best = {};
        double most = Double.NEGATIVE_INFINITY;
        for (int number = 0; number < Math.pow(TAGS.size(), logs.length); number++) {
            var tags = new int[logs.length];
            double sum = 0;
            int rest = number;
            for (int i = 0; i < tags.length; i++) {
                tags[i] = rest % TAGS.size();
                rest /= TAGS.size();
                sum += logs[i][tags[i]];
            }
            if (isPossible(tags) && sum > most) {
                most = sum;
                best = tags;
            }
        }
        return best;
    }

    @Test
    void findsTheBestSequenceThatIsPossible() {
        var random = new SplittableRandom(4);
        var decoder = new BioDecoder(TAGS);
        for (int round = 0; round < 200; round++) {
            var logs = new double[1 + random.nextInt(5)][TAGS.size()];
            for (var row : logs) {
                Arrays.setAll(row, i -> Math.log(random.nextDouble()));
            }
            assertThat(decoder.decode(logs)).containsExactly(bruteForce(logs));
        }
    }

    @Test
    void anEmptySentenceHasNoTags() {
        assertThat(new BioDecoder(TAGS).decode(new double[0][])).isEmpty();
    }

    @Test
    void tagsWithoutPrefixesFollowEachOtherFreely() {
        var decoder = new BioDecoder(List.of("NOUN", "VERB"));
        assertThat(decoder.decode(new double[][] {{-1, -2}, {-2, -1}, {-1, -2}}))
                .containsExactly(0, 1, 0);
    }

    @Test
    void anInsideTagWithoutABeginTagMayBegin() {
        var decoder = new BioDecoder(List.of("O", "I-a"));
        assertThat(decoder.decode(new double[][] {{-2, -1}, {-2, -1}})).containsExactly(1, 1);
    }

    @Test
    void tagsWithoutAnyProbabilityAreNotChosenWhereAnotherPathIsLeft() {
        var random = new SplittableRandom(5);
        var decoder = new BioDecoder(TAGS);
        int found = 0;
        for (int round = 0; round < 300; round++) {
            var logs = new double[1 + random.nextInt(4)][TAGS.size()];
            for (var row : logs) {
                Arrays.setAll(
                        row,
                        i ->
                                random.nextInt(2) == 0
                                        ? Double.NEGATIVE_INFINITY
                                        : Math.log(random.nextDouble()));
            }
            var best = bruteForce(logs);
            var said = decoder.decode(logs);
            assertThat(isPossible(said)).as(Arrays.deepToString(logs)).isTrue();
            if (best.length > 0) {
                assertThat(said).as(Arrays.deepToString(logs)).containsExactly(best);
                found++;
            }
        }
        assertThat(found).isGreaterThan(100);
    }

    @Test
    void aWordOfWhichNothingIsKnownLeavesTheOthersPossible() {
        var nothing = new double[TAGS.size()];
        Arrays.fill(nothing, Double.NEGATIVE_INFINITY);
        var inside = new double[] {-9, -9, -9, -0.1, -9};
        var said = new BioDecoder(TAGS).decode(new double[][] {inside, nothing, inside});
        assertThat(isPossible(said)).isTrue();
    }
}
