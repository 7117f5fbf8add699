package dev.mtl.train.sampling;

import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.Sampling;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Which data group each step of an epoch takes its texts from; the same for the same seed. */
final class DatasetSampler {
    /** Tells its draws from those of the texts. */
    private static final long SALT = 0x67726f7570L;

    private final int[] passSteps;
    private final double[] shares;
    private final Sampling sampling;
    private final long seed;

    /**
     * Prepares.
     *
     * @param passSteps for each group, the steps that see each of its texts once
     * @param sizes for each group, how many texts it has
     * @param exponent for {@link Sampling#TEMPERATURE}: 1 is in proportion to the sizes, 0 the same
     *     for all
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
                                    .mapToDouble(steps -> (double) steps / stepsPerEpoch())
                                    .toArray();
                    case ROUND_ROBIN, UNIFORM, TEMPERATURE ->
                            Arrays.stream(weights).map(weight -> weight / sum).toArray();
                };
    }

    /** As many steps as it takes to see every text of every group once. */
    int stepsPerEpoch() {
        return Arrays.stream(passSteps).sum();
    }

    /** The share of steps that a group has, expected or exact. */
    double share(int group) {
        return shares[group];
    }

    /** The group of each step of an epoch. */
    int[] epoch(int epoch) {
        int steps = stepsPerEpoch();
        if (passSteps.length == 1) {
            return new int[steps];
        }
        var random = new SplittableRandom(RandomStream.mix(seed, SALT, epoch));
        var order = new int[steps];
        switch (sampling) {
            case PROPORTIONAL -> {
                int next = 0;
                for (int group = 0; group < passSteps.length; group++) {
                    Arrays.fill(order, next, next + passSteps[group], group);
                    next += passSteps[group];
                }
                FisherYates.shuffle(order, random);
            }
            case ROUND_ROBIN -> {
                for (int i = 0; i < steps; i++) {
                    order[i] = (int) (((long) epoch * steps + i) % passSteps.length);
                }
            }
            case UNIFORM, TEMPERATURE -> {
                for (int i = 0; i < steps; i++) {
                    order[i] = draw(random.nextDouble());
                }
            }
        }
        return order;
    }

    private int draw(double at) {
        double sum = 0;
        for (int group = 0; group < shares.length - 1; group++) {
            sum += shares[group];
            if (at < sum) {
                return group;
            }
        }
        return shares.length - 1;
    }
}
