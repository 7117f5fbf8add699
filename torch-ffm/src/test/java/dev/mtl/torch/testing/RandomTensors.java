package dev.mtl.torch.testing;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.SplittableRandom;

/** Tensors of reproducible random numbers. */
public final class RandomTensors {
    private RandomTensors() {}

    /** FLOAT32 on the CPU, from -1 to below 1. */
    public static Tensor uniform(long seed, long... shape) {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        var random = new SplittableRandom(seed);
        var values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return Tensors.of(values, shape);
    }
}
