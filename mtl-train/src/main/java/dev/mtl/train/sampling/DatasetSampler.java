package dev.mtl.train.sampling;

import dev.mtl.torch.RandomStream;
import dev.mtl.train.settings.Sampling;

import java.util.Arrays;
import java.util.SplittableRandom;

/** The data sets of each step of an epoch, as a function of the seed. */
final class DatasetSampler {
    /** Makes its draws independent of those of the examples. */
    private static final long SALT = 0x67726f7570L;

    private final int[] passSteps;
    private final double[] shares;
    private final Sampling sampling;
    private final long seed;

    /**
     * A sampler over data sets.
     *
     * @param passSteps for each data set, the steps that see each of its examples once
     * @param sizes for each data set, the number of its examples
     * @param exponent for {@link Sampling#TEMPERATURE}: 1 is proportional to the sizes, 0 uniform
     */
    DatasetSampler(int[] passSteps, int[] sizes, Sampling sampling, double exponent, long seed) {
        this.passSteps = passSteps.clone();
        this.sampling = sampling;
        this.seed = seed;
        double power = sampling == Sampling.TEMPERATURE ? exponent : 0;
        var weights = Arrays.stream(sizes).mapToDouble(size -> Math.pow(size, power)).toArray();
        double sum = Arrays.stream(weights).sum();
        shares =
                switch (sampling) {
                    case PROPORTIONAL ->
                            Arrays.stream(passSteps)
                                    .mapToDouble(steps -> (double) steps / turnsPerEpoch())
                                    .toArray();
                    case ROUND_ROBIN, UNIFORM, TEMPERATURE, ALL ->
                            Arrays.stream(weights).map(weight -> weight / sum).toArray();
                };
    }

    /** The steps of an epoch, each of {@link #turnsPerStep}. */
    int stepsPerEpoch() {
        return Math.ceilDiv(Arrays.stream(passSteps).sum(), turnsPerStep());
    }

    /** From how many data sets a step takes examples. */
    int turnsPerStep() {
        return sampling == Sampling.ALL ? passSteps.length : 1;
    }

    /**
     * As many as it takes to see every example of every data set once; a few more if they have to
     * fill the last step.
     */
    private int turnsPerEpoch() {
        return stepsPerEpoch() * turnsPerStep();
    }

    /** How often each example of a data set is seen in an epoch, expected or exact. */
    double passes(int dataset) {
        return shares[dataset] * turnsPerEpoch() / passSteps[dataset];
    }

    /** The data sets of the steps of an epoch, those of a step next to each other. */
    int[] epoch(int epoch) {
        int turns = turnsPerEpoch();
        if (passSteps.length == 1) {
            return new int[turns];
        }
        var random = new SplittableRandom(RandomStream.mix(seed, SALT, epoch));
        var order = new int[turns];
        switch (sampling) {
            case PROPORTIONAL -> {
                int next = 0;
                for (int dataset = 0; dataset < passSteps.length; dataset++) {
                    Arrays.fill(order, next, next + passSteps[dataset], dataset);
                    next += passSteps[dataset];
                }
                FisherYates.shuffle(order, random);
            }
            case ROUND_ROBIN, ALL -> {
                for (int i = 0; i < turns; i++) {
                    order[i] = (int) (((long) epoch * turns + i) % passSteps.length);
                }
            }
            case UNIFORM, TEMPERATURE -> {
                for (int i = 0; i < turns; i++) {
                    order[i] = draw(random.nextDouble());
                }
            }
        }
        return order;
    }

    private int draw(double at) {
        double sum = 0;
        for (int dataset = 0; dataset < shares.length - 1; dataset++) {
            sum += shares[dataset];
            if (at < sum) {
                return dataset;
            }
        }
        return shares.length - 1;
    }
}
