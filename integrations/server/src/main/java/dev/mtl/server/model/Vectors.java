package dev.mtl.server.model;

import java.util.Arrays;

/** Arithmetic of embeddings. */
public final class Vectors {
    private Vectors() {}

    /** A copy of length 1; zeros stay zeros. */
    public static float[] normalized(float[] vector) {
        double length = Math.sqrt(dot(vector, vector));
        var unit = vector.clone();
        if (length > 0) {
            float scale = (float) (1 / length);
            for (int i = 0; i < unit.length; i++) {
                unit[i] *= scale;
            }
        }
        return unit;
    }

    /** The first numbers of a vector. */
    public static float[] cut(float[] vector, int dimensions) {
        return Arrays.copyOf(vector, dimensions);
    }

    /** The sum of the products. */
    public static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
