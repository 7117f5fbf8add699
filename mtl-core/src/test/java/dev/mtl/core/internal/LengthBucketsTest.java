package dev.mtl.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

class LengthBucketsTest {
    private static List<List<Integer>> plan(int batchTokens, int workers, int... lengths) {
        return LengthBuckets.plan(lengths, batchTokens, workers).stream()
                .map(batch -> Arrays.stream(batch).boxed().toList())
                .toList();
    }

    @Test
    void putsTheLongestFirstAndAlikeTogether() {
        assertThat(plan(20, 1, 3, 10, 4, 9, 5)).containsExactly(List.of(1, 3), List.of(4, 2, 0));
    }

    @Test
    void keepsTheOrderOfEqualLengths() {
        assertThat(plan(100, 1, 5, 5, 5)).containsExactly(List.of(0, 1, 2));
    }

    @Test
    void aSequenceThatIsTooLongIsAlone() {
        assertThat(plan(10, 1, 50, 2, 2)).containsExactly(List.of(0), List.of(1, 2));
    }

    @Test
    void fewSequencesAreSpreadOverTheWorkers() {
        assertThat(plan(2048, 2, 8, 8, 8, 8)).containsExactly(List.of(0, 1), List.of(2, 3));
        assertThat(plan(2048, 4, 8)).containsExactly(List.of(0));
    }

    @Test
    void nothingIsNoBatch() {
        assertThat(plan(10, 2)).isEmpty();
    }

    @Test
    void sequencesOfNoTokensAreOfUse() {
        assertThat(plan(10, 1, 0, 0).stream().flatMap(List::stream)).containsExactly(0, 1);
    }

    @Test
    void everySequenceIsInOneBatchThatKeepsTheBudget() {
        var random = new Random(3);
        for (int round = 0; round < 50; round++) {
            var lengths = random.ints(random.nextInt(200), 2, 65).toArray();
            int workers = 1 + random.nextInt(8);

            var batches = LengthBuckets.plan(lengths, 256, workers);

            assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray())
                    .isEqualTo(IntStream.range(0, lengths.length).toArray());
            for (var batch : batches) {
                int longest = Arrays.stream(batch).map(i -> lengths[i]).max().orElseThrow();
                assertThat(batch.length == 1 || longest * batch.length <= 256).isTrue();
            }
        }
    }
}
