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
    private final int batchSize;
    private final int accumulation;
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
     */
    BatchPlan(List<int[]> lengths, int batchSize, int accumulation, long seed) {
        this.lengths = lengths.stream().map(int[]::clone).toList();
        this.batchSize = batchSize;
        this.accumulation = accumulation;
        this.seed = seed;
    }

    /** Optimizer steps of one epoch. */
    int stepsPerEpoch() {
        int perStep = batchSize * accumulation;
        return lengths.stream().mapToInt(group -> Math.ceilDiv(group.length, perStep)).sum();
    }

    /** The steps of an epoch, in order; a step's examples are of one group. */
    List<List<Batch>> epoch(int epoch) {
        var random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
        var steps = new ArrayList<List<Batch>>();
        for (int group = 0; group < lengths.size(); group++) {
            var order = shuffled(lengths.get(group).length, random);
            int perStep = batchSize * accumulation;
            for (int start = 0; start < order.length; start += perStep) {
                int end = Math.min(order.length, start + perStep);
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
        var batches = new ArrayList<Batch>();
        for (int start = 0; start < sorted.length; start += batchSize) {
            batches.add(
                    new Batch(
                            group,
                            Arrays.copyOfRange(
                                    sorted, start, Math.min(sorted.length, start + batchSize))));
        }
        return batches;
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
