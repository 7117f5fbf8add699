package dev.mtl.train.sampling;

import dev.mtl.torch.RandomStream;
import dev.mtl.train.settings.Sampling;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which examples make which step, as a function of the seed and the step's number. The examples of
 * a data set are visited in passes: each example once a pass, in an order that is drawn for the
 * pass. A step has examples of one data set, or with {@link Sampling#ALL} of each.
 */
public final class BatchSampler {
    private final List<Source> sources;
    private final int stepSize;
    private final long seed;
    private final DatasetSampler datasets;
    private final Pass[] passes;
    private int currentEpoch = -1;
    private Turns current = new Turns(new int[0], new int[0]);

    /**
     * A batch of a step.
     *
     * @param dataset the place of its data set among all, from 0
     * @param examples their positions in the data set
     */
    public record Batch(int dataset, int[] examples) {}

    /**
     * What a step sees of a data set.
     *
     * @param dataset the place of the data set among all, from 0
     * @param pass over the data set, from 0
     * @param start where the step begins in the order of the pass
     * @param end where it ends, exclusive
     */
    record Draw(int dataset, int pass, int start, int end) {}

    /**
     * A data set.
     *
     * @param size the number of its examples, or of its groups
     * @param lengths of these, in tokens; empty if they are streamed
     * @param batchSize how many of these are in a batch, exactly or on average
     * @param split how those of a step become batches
     * @param groups the examples of each group, all of which are in the same batch; null if each
     *     example stands for itself
     */
    public record Source(
            int size, int[] lengths, int batchSize, BatchSplit split, int @Nullable [][] groups) {
        /** A data set without groups. */
        public Source(int size, int[] lengths, int batchSize, BatchSplit split) {
            this(size, lengths, batchSize, split, null);
        }

        /** A data set in memory. */
        public Source(int[] lengths, int batchSize, BatchSplit split) {
            this(lengths.length, lengths, batchSize, split);
        }

        /** The examples of some groups, or just these. */
        private int[] members(int[] drawn) {
            if (groups == null) {
                return drawn;
            }
            var examples = IntStream.builder();
            for (int group : drawn) {
                for (int example : groups[group]) {
                    examples.add(example);
                }
            }
            return examples.build().toArray();
        }

        /** The batches of some examples of the data set. */
        List<int[]> batches(int[] examples, int[] lengthsOfAll) {
            return split.split(examples, lengthsOfAll, batchSize);
        }
    }

    /** A pass over a data set: its number, and the order of the examples. */
    private record Pass(int number, int[] order) {}

    /** The data sets of the steps of an epoch, and how often each had been drawn before. */
    private record Turns(int[] datasets, int[] before) {}

    /**
     * A sampler over data sets.
     *
     * @param stepSize how many examples a step takes from a data set
     * @param sampling how often each data set is drawn
     * @param exponent for {@link Sampling#TEMPERATURE}: 1 is proportional to the sizes, 0 uniform
     */
    public BatchSampler(
            List<Source> sources, int stepSize, Sampling sampling, double exponent, long seed) {
        this.sources = List.copyOf(sources);
        this.stepSize = stepSize;
        this.seed = seed;
        passes = new Pass[sources.size()];
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
        return datasets.passes(dataset);
    }

    /**
     * The batches of a step of which the data sets are in memory.
     *
     * @param step from 0, counted over all epochs
     */
    public List<Batch> step(int step) {
        return batches(draws(step));
    }

    /**
     * What a step sees of which data sets.
     *
     * @param step from 0, counted over all epochs
     */
    List<Draw> draws(int step) {
        int epoch = step / stepsPerEpoch();
        if (epoch != currentEpoch) {
            current = turns(epoch);
            currentEpoch = epoch;
        }
        return draws(current, step % stepsPerEpoch());
    }

    private Turns turns(int epoch) {
        var done = new int[sources.size()];
        for (int before = 0; before < epoch; before++) {
            for (int dataset : datasets.epoch(before)) {
                done[dataset]++;
            }
        }
        var turns = datasets.epoch(epoch);
        var before = new int[turns.length];
        for (int i = 0; i < turns.length; i++) {
            before[i] = done[turns[i]]++;
        }
        return new Turns(turns, before);
    }

    private List<Draw> draws(Turns turns, int step) {
        int each = datasets.turnsPerStep();
        return IntStream.range(step * each, (step + 1) * each)
                .mapToObj(turn -> draw(turns.datasets()[turn], turns.before()[turn]))
                .toList();
    }

    private Draw draw(int dataset, int before) {
        int size = sources.get(dataset).size();
        int stepsPerPass = Math.ceilDiv(size, stepSize);
        int start = before % stepsPerPass * stepSize;
        int end = Math.min(size, start + stepSize);
        return new Draw(dataset, before / stepsPerPass, start, end);
    }

    /** The steps of an epoch, in order. */
    List<List<Batch>> epoch(int epoch) {
        var turns = turns(epoch);
        return IntStream.range(0, stepsPerEpoch())
                .mapToObj(step -> batches(draws(turns, step)))
                .toList();
    }

    private int[] order(int dataset, int pass) {
        var known = passes[dataset];
        if (known == null || known.number() != pass) {
            long mixed = dataset == 0 ? pass : RandomStream.mix(dataset, pass);
            var shuffled = IntStream.range(0, sources.get(dataset).size()).toArray();
            FisherYates.shuffle(shuffled, new SplittableRandom(seed * 0x9E3779B97F4A7C15L + mixed));
            known = new Pass(pass, shuffled);
            passes[dataset] = known;
        }
        return known.order();
    }

    private List<Batch> batches(List<Draw> draws) {
        return draws.stream().flatMap(draw -> batches(draw).stream()).toList();
    }

    /** The batches of what a step sees of a data set in memory. */
    List<Batch> batches(Draw draw) {
        var source = sources.get(draw.dataset());
        var order = order(draw.dataset(), draw.pass());
        var examples = Arrays.copyOfRange(order, draw.start(), draw.end());
        return source.batches(examples, source.lengths()).stream()
                .map(batch -> new Batch(draw.dataset(), source.members(batch)))
                .toList();
    }

    /** A data set. */
    Source source(int dataset) {
        return sources.get(dataset);
    }
}
