package dev.mtl.train.sampling;

import java.util.SplittableRandom;

/** The shuffle of Fisher and Yates, inside out. */
public final class FisherYates {
    private FisherYates() {}

    /** Permutes values in place, each permutation with the same probability. */
    public static void shuffle(int[] values, SplittableRandom random) {
        for (int i = 0; i < values.length; i++) {
            int j = random.nextInt(i + 1);
            int value = values[i];
            values[i] = values[j];
            values[j] = value;
        }
    }
}
