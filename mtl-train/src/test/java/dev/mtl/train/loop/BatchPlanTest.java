package dev.mtl.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

class BatchPlanTest {
    private static int[] lengths(int count) {
        var random = new SplittableRandom(1);
        return IntStream.range(0, count).map(i -> 3 + random.nextInt(40)).toArray();
    }

    private static List<Integer> order(List<List<BatchPlan.Batch>> epoch) {
        return epoch.stream()
                .flatMap(List::stream)
                .flatMapToInt(batch -> Arrays.stream(batch.examples()))
                .boxed()
                .toList();
    }

    @Test
    void anEpochVisitsEveryExampleOnce() {
        var plan = new BatchPlan(List.of(lengths(101)), 16, 8, 42);
        var epoch = plan.epoch(0);
        assertThat(epoch).hasSize(7).hasSize(plan.stepsPerEpoch());
        assertThat(order(epoch)).doesNotHaveDuplicates().hasSize(101);
        assertThat(epoch.subList(0, 6))
                .allSatisfy(
                        step ->
                                assertThat(step.stream().mapToInt(b -> b.examples().length).sum())
                                        .isEqualTo(16));
        assertThat(epoch.getLast().stream().mapToInt(b -> b.examples().length).sum()).isEqualTo(5);
    }

    @Test
    void theOrderFollowsFromSeedAndEpoch() {
        var lengths = List.of(lengths(50));
        var plan = new BatchPlan(lengths, 8, 4, 42);
        assertThat(order(plan.epoch(3)))
                .isEqualTo(order(new BatchPlan(lengths, 8, 4, 42).epoch(3)));
        assertThat(order(plan.epoch(3))).isNotEqualTo(order(plan.epoch(4)));
        assertThat(order(plan.epoch(3)))
                .isNotEqualTo(order(new BatchPlan(lengths, 8, 4, 43).epoch(3)));
    }

    @Test
    void theBatchesOfAStepAreAboutEquallyLarge() {
        var lengths = lengths(320);
        for (var step : new BatchPlan(List.of(lengths), 32, 16, 42).epoch(0)) {
            assertThat(step).hasSize(2);
            var costs =
                    step.stream()
                            .mapToInt(
                                    batch ->
                                            batch.examples().length
                                                    * Arrays.stream(batch.examples())
                                                            .map(i -> lengths[i])
                                                            .max()
                                                            .orElseThrow())
                            .sorted()
                            .toArray();
            assertThat(costs[1]).isLessThan((int) (1.35 * costs[0]));
        }
    }

    @Test
    void groupsTakeTurnsAtRandomAndNeverShareAStep() {
        var plan = new BatchPlan(List.of(lengths(40), lengths(80)), 8, 8, 42);
        var groups = plan.epoch(0).stream().map(step -> step.getFirst().group()).toList();
        assertThat(groups).hasSize(15).contains(0, 1);
        assertThat(groups.stream().filter(g -> g == 0)).hasSize(5);
        assertThat(groups.subList(0, 5)).isNotEqualTo(List.of(0, 0, 0, 0, 0));
        assertThat(plan.epoch(0))
                .allSatisfy(
                        step ->
                                assertThat(step.stream().map(BatchPlan.Batch::group).distinct())
                                        .hasSize(1));
    }
}
