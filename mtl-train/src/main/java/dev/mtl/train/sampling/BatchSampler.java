package dev.mtl.train.sampling;

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
 * step they are sorted by length before they are cut into batches, so that little is padding,
 * unless their batches are to be exact.
 */
public final class BatchSampler {
    /** The fewest examples of a step that are spread: smaller batches are slower than one core. */
    private static final int SPREAD_FROM = 8;

    private final List<Group> groups;
    private final int stepSize;
    private final long seed;
    private final DatasetSampler order;
    private int currentEpoch = -1;
    private List<List<Batch>> current = List.of();

    /**
     * A batch of a step.
     *
     * @param group which data group its examples are of
     * @param examples their positions in the group
     */
    public record Batch(int group, int[] examples) {}

    /** How the examples of a step become batches. */
    public enum Cut {
        /** Of just {@code batchSize}, drawn at random. */
        EXACT,
        /** Of {@code batchSize} on average: of long ones fewer, of short ones more. */
        EVEN,
        /** As {@link #EVEN}, but at least two, so that two cores have one, unless it is few. */
        SPREAD
    }

    /**
     * A data group.
     *
     * @param lengths each example's length in tokens
     * @param batchSize how many examples are in a batch
     * @param cut how a step's examples become batches
     */
    public record Group(int[] lengths, int batchSize, Cut cut) {
        int size() {
            return lengths.length;
        }
    }

    /**
     * Plans.
     *
     * @param stepSize how many examples make an optimizer step
     * @param exponent see {@link DatasetSampler}
     */
    public BatchSampler(
            List<Group> groups, int stepSize, Sampling sampling, double exponent, long seed) {
        this.groups = List.copyOf(groups);
        this.stepSize = stepSize;
        this.seed = seed;
        order =
                new DatasetSampler(
                        groups.stream()
                                .mapToInt(group -> Math.ceilDiv(group.size(), stepSize))
                                .toArray(),
                        groups.stream().mapToInt(Group::size).toArray(),
                        sampling,
                        exponent,
                        seed);
    }

    /** Optimizer steps of one epoch. */
    public int stepsPerEpoch() {
        return order.stepsPerEpoch();
    }

    /** How many times each example of a group is seen in an epoch, expected or exact. */
    public double passesPerEpoch(int group) {
        return order.share(group)
                * stepsPerEpoch()
                / Math.ceilDiv(groups.get(group).size(), stepSize);
    }

    /**
     * The batches of a step.
     *
     * @param step from 0, counted over all epochs
     */
    public List<Batch> step(int step) {
        int epoch = step / stepsPerEpoch();
        if (epoch != currentEpoch) {
            current = epoch(epoch);
            currentEpoch = epoch;
        }
        return current.get(step % stepsPerEpoch());
    }

    /** The steps of an epoch, in order; a step's examples are of one group. */
    public List<List<Batch>> epoch(int epoch) {
        var done = new int[groups.size()];
        for (int before = 0; before < epoch; before++) {
            for (int group : order.epoch(before)) {
                done[group]++;
            }
        }
        var passes = new Pass[groups.size()];
        var steps = new ArrayList<List<Batch>>();
        for (int group : order.epoch(epoch)) {
            int count = groups.get(group).size();
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
        var shuffled = IntStream.range(0, groups.get(group).size()).toArray();
        FisherYates.shuffle(shuffled, new SplittableRandom(seed * 0x9E3779B97F4A7C15L + mixed));
        return shuffled;
    }

    private List<Batch> batches(int group, int[] examples) {
        int batchSize = groups.get(group).batchSize();
        int parts = Math.ceilDiv(examples.length, batchSize);
        return switch (groups.get(group).cut()) {
            case EXACT -> exactBatches(group, examples, batchSize);
            case EVEN -> evenBatches(group, examples, parts, BatchSampler::endByPaddedSize);
            case SPREAD ->
                    evenBatches(
                            group,
                            examples,
                            Math.max(parts, examples.length >= SPREAD_FROM ? 2 : 1),
                            BatchSampler::endByTokens);
        };
    }

    private static List<Batch> exactBatches(int group, int[] examples, int batchSize) {
        var batches = new ArrayList<Batch>();
        for (int start = 0; start < examples.length; start += batchSize) {
            int end = Math.min(examples.length, start + batchSize);
            batches.add(new Batch(group, Arrays.copyOfRange(examples, start, end)));
        }
        return batches;
    }

    /** Where the first of {@code parts} batches ends of what is left from {@code start} on. */
    private interface End {
        int of(int[] sorted, int start, int parts, int[] lengths);
    }

    private List<Batch> evenBatches(int group, int[] examples, int parts, End ends) {
        var own = groups.get(group).lengths();
        var sorted =
                Arrays.stream(examples)
                        .boxed()
                        .sorted(Comparator.comparingInt((Integer i) -> -own[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        var batches = new ArrayList<Batch>();
        int start = 0;
        for (int part = 0; part < parts; part++) {
            int left = parts - part;
            int end = left == 1 ? sorted.length : ends.of(sorted, start, left, own);
            batches.add(new Batch(group, Arrays.copyOfRange(sorted, start, end)));
            start = end;
        }
        return batches;
    }

    /**
     * So that all have about as many tokens: on a CPU, little is done to padding, the batches run
     * at once, and the step is as slow as its largest.
     */
    private static int endByTokens(int[] sorted, int start, int parts, int[] lengths) {
        long rest = Arrays.stream(sorted, start, sorted.length).mapToLong(i -> lengths[i]).sum();
        long own = 0;
        int end = start;
        do {
            own += lengths[sorted[end++]];
        } while (end <= sorted.length - parts
                && 2 * own + lengths[sorted[end]] <= 2 * Math.ceilDiv(rest, parts));
        return end;
    }

    /** So that all are about equally large once they are padded. */
    private static int endByPaddedSize(int[] sorted, int start, int parts, int[] lengths) {
        int rest = sorted.length - start;
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
