package dev.mtl.train.loop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Which examples make which step. Each epoch visits every example of every group once, in an order
 * that follows from the seed and the epoch alone. The examples of a step are drawn at random;
 * within the step they are sorted by length before they are cut into batches, so that little is
 * padding.
 */
final class BatchPlan {
    private final List<int[]> lengths;
    private final int stepSize;
    private final int batchSize;
    private final long seed;

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
     */
    BatchPlan(List<int[]> lengths, int stepSize, int batchSize, long seed) {
        this.lengths = lengths.stream().map(int[]::clone).toList();
        this.stepSize = stepSize;
        this.batchSize = batchSize;
        this.seed = seed;
    }

    /** Optimizer steps of one epoch. */
    int stepsPerEpoch() {
        return lengths.stream().mapToInt(group -> Math.ceilDiv(group.length, stepSize)).sum();
    }

    /** The steps of an epoch, in order; a step's examples are of one group. */
    List<List<Batch>> epoch(int epoch) {
        var random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
        var steps = new ArrayList<List<Batch>>();
        for (int group = 0; group < lengths.size(); group++) {
            var order = shuffled(lengths.get(group).length, random);
            for (int start = 0; start < order.length; start += stepSize) {
                int end = Math.min(order.length, start + stepSize);
                steps.add(batches(group, Arrays.copyOfRange(order, start, end)));
            }
        }
        if (lengths.size() == 1) {
            return steps;
        }
        var mixed = new ArrayList<List<Batch>>();
        for (int index : shuffled(steps.size(), random)) {
            mixed.add(steps.get(index));
        }
        return mixed;
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

    private static int[] shuffled(int count, SplittableRandom random) {
        var order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
