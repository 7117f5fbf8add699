package dev.mtl.train.loop;

import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.Sampling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which examples make which step: an order that follows from the seed and the step's number alone.
 * A group's examples are visited in passes, each of them once a pass, drawn at random; within a
 * step they are sorted by length before they are cut into batches, so that little is padding.
 */
final class BatchPlan {
    private final List<int[]> lengths;
    private final int stepSize;
    private final int batchSize;
    private final long seed;
    private final GroupOrder groups;

    /**
     * A batch of a step.
     *
     * @param group which data group its examples are of
     * @param examples their positions in the group
     */
    record Batch(int group, int[] examples) {}

    /**
     * Plans.
     *
     * @param lengths for each group, each example's length in tokens
     * @param stepSize how many examples make an optimizer step
     * @param batchSize how many of them are in a batch on average: of long ones fewer, of short
     *     ones more
     * @param exponent see {@link GroupOrder}
     */
    BatchPlan(
            List<int[]> lengths,
            int stepSize,
            int batchSize,
            Sampling sampling,
            double exponent,
            long seed) {
        this.lengths = lengths.stream().map(int[]::clone).toList();
        this.stepSize = stepSize;
        this.batchSize = batchSize;
        this.seed = seed;
        groups =
                new GroupOrder(
                        lengths.stream()
                                .mapToInt(group -> Math.ceilDiv(group.length, stepSize))
                                .toArray(),
                        lengths.stream().mapToInt(group -> group.length).toArray(),
                        sampling,
                        exponent,
                        seed);
    }

    /** Optimizer steps of one epoch. */
    int stepsPerEpoch() {
        return groups.stepsPerEpoch();
    }

    /** How many times each example of a group is seen in an epoch, expected or exact. */
    double passesPerEpoch(int group) {
        return groups.share(group)
                * stepsPerEpoch()
                / Math.ceilDiv(lengths.get(group).length, stepSize);
    }

    /** The steps of an epoch, in order; a step's examples are of one group. */
    List<List<Batch>> epoch(int epoch) {
        var done = new int[lengths.size()];
        for (int before = 0; before < epoch; before++) {
            for (int group : groups.epoch(before)) {
                done[group]++;
            }
        }
        var passes = new Pass[lengths.size()];
        var steps = new ArrayList<List<Batch>>();
        for (int group : groups.epoch(epoch)) {
            int count = lengths.get(group).length;
            int stepsPerPass = Math.ceilDiv(count, stepSize);
            int number = done[group] / stepsPerPass;
            if (passes[group] == null || passes[group].number() != number) {
                passes[group] = new Pass(number, order(group, number));
            }
            int start = done[group] % stepsPerPass * stepSize;
            int end = Math.min(count, start + stepSize);
            steps.add(batches(group, Arrays.copyOfRange(passes[group].order(), start, end)));
            done[group]++;
        }
        return steps;
    }

    /** One visit of all examples of a group. */
    private record Pass(int number, int[] order) {}

    private int[] order(int group, int pass) {
        long mixed = group == 0 ? pass : RandomStream.mix(group, pass);
        var order = IntStream.range(0, lengths.get(group).length).toArray();
        GroupOrder.shuffle(order, new SplittableRandom(seed * 0x9E3779B97F4A7C15L + mixed));
        return order;
    }

    private List<Batch> batches(int group, int[] examples) {
        var own = lengths.get(group);
        var sorted =
                Arrays.stream(examples)
                        .boxed()
                        .sorted(Comparator.comparingInt((Integer i) -> -own[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        int parts = Math.ceilDiv(examples.length, batchSize);
        var batches = new ArrayList<Batch>();
        int start = 0;
        for (int part = 0; part < parts; part++) {
            int end = endOfPart(sorted, start, parts - part, own);
            batches.add(new Batch(group, Arrays.copyOfRange(sorted, start, end)));
            start = end;
        }
        return batches;
    }

    /**
     * Where the first of {@code parts} batches ends, so that all are about equally large once they
     * are padded: they run at once, and the step is as slow as its largest.
     */
    private static int endOfPart(int[] sorted, int start, int parts, int[] lengths) {
        int rest = sorted.length - start;
        if (parts == 1) {
            return sorted.length;
        }
        int best = start + 1;
        long smallest = Long.MAX_VALUE;
        for (int end = start + 1; end <= sorted.length - parts + 1; end++) {
            long own = (long) (end - start) * lengths[sorted[start]];
            long others =
                    Math.ceilDiv((long) (rest - (end - start)) * lengths[sorted[end]], parts - 1);
            if (Math.max(own, others) < smallest) {
                smallest = Math.max(own, others);
                best = end;
            }
        }
        return best;
    }
}
