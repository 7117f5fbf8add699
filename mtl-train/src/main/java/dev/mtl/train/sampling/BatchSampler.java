package dev.mtl.train.sampling;

import dev.mtl.torch.RandomStream;
import dev.mtl.train.settings.Sampling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which examples make which step, as a function of the seed and the step's number. The examples of
 * a data set are visited in passes: each example once a pass, in an order that is drawn for the
 * pass. A step has examples of one data set.
 */
public final class BatchSampler {
    private final List<Source> sources;
    private final int stepSize;
    private final long seed;
    private final DatasetSampler datasets;
    private int currentEpoch = -1;
    private List<List<Batch>> current = List.of();

    /**
     * A batch of a step.
     *
     * @param dataset the place of its data set among all, from 0
     * @param examples their positions in the data set
     */
    public record Batch(int dataset, int[] examples) {}

    /**
     * A data set.
     *
     * @param lengths of its examples, in tokens
     * @param batchSize how many examples are in a batch, exactly or on average
     * @param split how the examples of a step become batches
     */
    public record Source(int[] lengths, int batchSize, BatchSplit split) {
        int size() {
            return lengths.length;
        }
    }

    /** A pass over a data set: its number, and the order of the examples. */
    private record Pass(int number, int[] order) {}

    /**
     * A sampler over data sets.
     *
     * @param stepSize how many examples make an optimizer step
     * @param sampling how often each data set is drawn
     * @param exponent for {@link Sampling#TEMPERATURE}: 1 is proportional to the sizes, 0 uniform
     */
    public BatchSampler(
            List<Source> sources, int stepSize, Sampling sampling, double exponent, long seed) {
        this.sources = List.copyOf(sources);
        this.stepSize = stepSize;
        this.seed = seed;
        datasets =
                new DatasetSampler(
                        sources.stream()
                                .mapToInt(source -> Math.ceilDiv(source.size(), stepSize))
                                .toArray(),
                        sources.stream().mapToInt(Source::size).toArray(),
                        sampling,
                        exponent,
                        seed);
    }

    /** Optimizer steps of one epoch. */
    public int stepsPerEpoch() {
        return datasets.stepsPerEpoch();
    }

    /** How many times each example of a data set is seen in an epoch, expected or exact. */
    public double passesPerEpoch(int dataset) {
        return datasets.share(dataset)
                * stepsPerEpoch()
                / Math.ceilDiv(sources.get(dataset).size(), stepSize);
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

    /** The steps of an epoch, in order. */
    List<List<Batch>> epoch(int epoch) {
        var done = new int[sources.size()];
        for (int before = 0; before < epoch; before++) {
            for (int dataset : datasets.epoch(before)) {
                done[dataset]++;
            }
        }
        var passes = new Pass[sources.size()];
        var steps = new ArrayList<List<Batch>>();
        for (int dataset : datasets.epoch(epoch)) {
            int size = sources.get(dataset).size();
            int stepsPerPass = Math.ceilDiv(size, stepSize);
            int number = done[dataset] / stepsPerPass;
            if (passes[dataset] == null || passes[dataset].number() != number) {
                passes[dataset] = new Pass(number, order(dataset, number));
            }
            int start = done[dataset] % stepsPerPass * stepSize;
            int end = Math.min(size, start + stepSize);
            steps.add(batches(dataset, Arrays.copyOfRange(passes[dataset].order(), start, end)));
            done[dataset]++;
        }
        return steps;
    }

    private int[] order(int dataset, int pass) {
        long mixed = dataset == 0 ? pass : RandomStream.mix(dataset, pass);
        var shuffled = IntStream.range(0, sources.get(dataset).size()).toArray();
        FisherYates.shuffle(shuffled, new SplittableRandom(seed * 0x9E3779B97F4A7C15L + mixed));
        return shuffled;
    }

    private List<Batch> batches(int dataset, int[] examples) {
        var source = sources.get(dataset);
        return source.split().split(examples, source.lengths(), source.batchSize()).stream()
                .map(batch -> new Batch(dataset, batch))
                .toList();
    }
}
