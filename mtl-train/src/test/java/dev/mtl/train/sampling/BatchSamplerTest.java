package dev.mtl.train.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.mtl.train.settings.Sampling;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

class BatchSamplerTest {
    private static int[] lengths(int count) {
        var random = new SplittableRandom(1);
        return IntStream.range(0, count).map(i -> 3 + random.nextInt(40)).toArray();
    }

    private static List<Integer> order(List<List<BatchSampler.Batch>> epoch) {
        return epoch.stream()
                .flatMap(List::stream)
                .flatMapToInt(batch -> Arrays.stream(batch.examples()))
                .boxed()
                .toList();
    }

    @Test
    void anEpochVisitsEveryExampleOnce() {
        var plan = new BatchSampler(sources(8, lengths(101)), 16, Sampling.PROPORTIONAL, 1, 42);
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
        var sources = sources(4, lengths(50));
        var plan = new BatchSampler(sources, 8, Sampling.PROPORTIONAL, 1, 42);
        assertThat(order(plan.epoch(3)))
                .isEqualTo(
                        order(new BatchSampler(sources, 8, Sampling.PROPORTIONAL, 1, 42).epoch(3)));
        assertThat(order(plan.epoch(3))).isNotEqualTo(order(plan.epoch(4)));
        assertThat(order(plan.epoch(3)))
                .isNotEqualTo(
                        order(new BatchSampler(sources, 8, Sampling.PROPORTIONAL, 1, 43).epoch(3)));
    }

    @Test
    void theBatchesOfAStepAreAboutEquallyLarge() {
        var lengths = lengths(320);
        for (var step :
                new BatchSampler(sources(16, lengths), 32, Sampling.PROPORTIONAL, 1, 42).epoch(0)) {
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
    void inProportionDatasetsTakeTurnsAtRandomAndNeverShareAStep() {
        var plan =
                new BatchSampler(
                        sources(8, lengths(40), lengths(80)), 8, Sampling.PROPORTIONAL, 1, 42);
        var sources = plan.epoch(0).stream().map(step -> step.getFirst().dataset()).toList();
        assertThat(sources).hasSize(15).contains(0, 1);
        assertThat(sources.stream().filter(source -> source == 0)).hasSize(5);
        assertThat(sources.subList(0, 5)).isNotEqualTo(List.of(0, 0, 0, 0, 0));
        assertThat(plan.epoch(0))
                .allSatisfy(
                        step ->
                                assertThat(
                                                step.stream()
                                                        .map(BatchSampler.Batch::dataset)
                                                        .distinct())
                                        .hasSize(1));
    }

    private static BatchSampler sampled(Sampling sampling, double exponent) {
        return new BatchSampler(sources(5, lengths(90), lengths(10)), 5, sampling, exponent, 42);
    }

    /** How many examples of each source so many epochs see, and how often each of them. */
    private static int[][] visits(BatchSampler plan, int epochs) {
        int[][] visits = {new int[90], new int[10]};
        for (int epoch = 0; epoch < epochs; epoch++) {
            for (var step : plan.epoch(epoch)) {
                for (var batch : step) {
                    Arrays.stream(batch.examples()).forEach(i -> visits[batch.dataset()][i]++);
                }
            }
        }
        return visits;
    }

    private static double share(int[][] visits) {
        double second = Arrays.stream(visits[1]).sum();
        return second / (second + Arrays.stream(visits[0]).sum());
    }

    @Test
    void inProportionEveryExampleIsSeenOnceAnEpoch() {
        var plan = sampled(Sampling.PROPORTIONAL, 1);
        assertThat(plan.passesPerEpoch(0)).isEqualTo(1);
        assertThat(plan.passesPerEpoch(1)).isEqualTo(1);
        for (var source : visits(plan, 3)) {
            assertThat(source).containsOnly(3);
        }
    }

    @Test
    void groupsAreDrawnUniformlyOrBySizeToAPower() {
        assertThat(share(visits(sampled(Sampling.UNIFORM, 9), 100)))
                .isCloseTo(0.5, org.assertj.core.api.Assertions.within(0.03));
        // 10^0.5 / (90^0.5 + 10^0.5) = 1/4
        assertThat(share(visits(sampled(Sampling.TEMPERATURE, 0.5), 100)))
                .isCloseTo(0.25, org.assertj.core.api.Assertions.within(0.03));
        assertThat(share(visits(sampled(Sampling.TEMPERATURE, 1), 100)))
                .isCloseTo(0.1, org.assertj.core.api.Assertions.within(0.02));
        assertThat(sampled(Sampling.TEMPERATURE, 0.5).passesPerEpoch(1)).isEqualTo(2.5);
    }

    @Test
    void roundRobinTakesDatasetsInTurn() {
        var plan = sampled(Sampling.ROUND_ROBIN, 1);
        var sources =
                IntStream.range(0, 3)
                        .boxed()
                        .flatMap(epoch -> plan.epoch(epoch).stream())
                        .map(step -> step.getFirst().dataset())
                        .toList();
        assertThat(sources).hasSize(60);
        for (int i = 0; i < sources.size(); i++) {
            assertThat(sources.get(i)).isEqualTo(i % 2);
        }
    }

    @Test
    void allTakesTheExamplesOfAStepFromEveryDataset() {
        var plan = sampled(Sampling.ALL, 1);
        // 18 and 2 steps for each example once: ten steps of both
        assertThat(plan.stepsPerEpoch()).isEqualTo(10);
        assertThat(plan.passesPerEpoch(0)).isEqualTo(10 / 18.0);
        assertThat(plan.passesPerEpoch(1)).isEqualTo(5);
        for (int step = 0; step < 30; step++) {
            assertThat(plan.step(step))
                    .extracting(BatchSampler.Batch::dataset, batch -> batch.examples().length)
                    .containsExactly(tuple(0, 5), tuple(1, 5));
        }
        assertThat(visits(plan, 9)[0]).containsOnly(5);
        assertThat(visits(plan, 9)[1]).containsOnly(45);
    }

    @Test
    void stepsOfAllDatasetsSeeAtLeastAsMuchAsTheEpoch() {
        var sources = sources(4, lengths(8), lengths(4), lengths(4));
        // two, one and one turns make a step and a third
        assertThat(new BatchSampler(sources, 4, Sampling.ALL, 1, 42).stepsPerEpoch()).isEqualTo(2);
        var one = sources(4, lengths(8));
        assertThat(new BatchSampler(one, 4, Sampling.ALL, 1, 42).stepsPerEpoch()).isEqualTo(2);
    }

    @Test
    void aGroupIsSeenWholeBeforeItBeginsAnewHoweverOftenItIsDrawn() {
        for (var sampling : List.of(Sampling.UNIFORM, Sampling.ROUND_ROBIN, Sampling.ALL)) {
            var visits = visits(sampled(sampling, 1), 7);
            for (var source : visits) {
                int least = Arrays.stream(source).min().orElseThrow();
                assertThat(Arrays.stream(source).max().orElseThrow())
                        .isLessThanOrEqualTo(least + 1);
            }
        }
    }

    @Test
    void exactBatchesHaveTheirSizeWhateverTheLengths() {
        var source = new BatchSampler.Source(lengths(50), 8, BatchSplit.FIXED_SIZE);
        var plan = new BatchSampler(List.of(source), 16, Sampling.PROPORTIONAL, 1, 42);
        var sizes =
                plan.epoch(0).stream()
                        .map(step -> step.stream().map(b -> b.examples().length).toList())
                        .toList();
        assertThat(sizes).containsExactly(List.of(8, 8), List.of(8, 8), List.of(8, 8), List.of(2));
        assertThat(order(plan.epoch(0))).doesNotHaveDuplicates().hasSize(50);
    }

    @Test
    void aStepThatIsSpreadHasTwoBatchesFromEightExamplesOn() {
        assertThat(spread(16, 16, 16)).containsExactly(2);
        assertThat(spread(32, 16, 32)).containsExactly(2);
        assertThat(spread(64, 16, 64)).containsExactly(4);
        assertThat(spread(8, 8, 8)).containsExactly(2);
        assertThat(spread(7, 7, 7)).containsExactly(1);
        assertThat(spread(16, 4, 16)).containsExactly(4);
        // the rest of an epoch, in order
        assertThat(spread(45, 16, 32)).containsExactly(2, 2);
        assertThat(spread(37, 16, 32)).containsExactly(2, 1);
    }

    /** How many batches the steps of an epoch have. */
    private static List<Integer> spread(int examples, int batchSize, int stepSize) {
        var source = new BatchSampler.Source(lengths(examples), batchSize, BatchSplit.EQUAL_TOKENS);
        return new BatchSampler(List.of(source), stepSize, Sampling.PROPORTIONAL, 1, 42)
                .epoch(0).stream().map(List::size).toList();
    }

    @Test
    void allExamplesOfAGroupAreInTheSameBatch() {
        var groups = new int[][] {{0, 3}, {1}, {2, 4, 5}, {6, 7}};
        var source =
                new BatchSampler.Source(
                        groups.length, lengths(groups.length), 2, BatchSplit.FIXED_SIZE, groups);
        var plan = new BatchSampler(List.of(source), 2, Sampling.PROPORTIONAL, 1, 42);
        assertThat(plan.stepsPerEpoch()).isEqualTo(2);
        var batches = plan.epoch(0).stream().flatMap(List::stream).toList();
        assertThat(batches).hasSize(2);
        for (var batch : batches) {
            var examples = Arrays.stream(batch.examples()).boxed().toList();
            assertThat(List.of(groups))
                    .filteredOn(group -> examples.contains(group[0]))
                    .hasSize(2)
                    .allMatch(group -> examples.containsAll(Arrays.stream(group).boxed().toList()));
        }
        assertThat(order(plan.epoch(0))).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(plan.passesPerEpoch(0)).isEqualTo(1);
    }

    private static List<BatchSampler.Source> sources(int batchSize, int[]... lengths) {
        return Arrays.stream(lengths)
                .map(
                        texts ->
                                new BatchSampler.Source(
                                        texts, batchSize, BatchSplit.EQUAL_PADDED_SIZE))
                .toList();
    }
}
