package dev.mtl.torch;

import java.util.function.ToDoubleFunction;

/** Gradients by central differences. */
final class NumericGradients {
    /** A power of two, so that {@code x + h} and {@code x - h} are exact for small fractions. */
    private static final double H = 0x1p-18;

    private NumericGradients() {}

    /**
     * The gradient of a function at a point, in error by some 1e-9 times the function's size.
     *
     * @param function of as many numbers as {@code at} has; is called twice for each of them
     */
    static double[] of(ToDoubleFunction<double[]> function, double... at) {
        var gradient = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            gradient[i] = (moved(function, at, i, H) - moved(function, at, i, -H)) / (2 * H);
        }
        return gradient;
    }

    private static double moved(
            ToDoubleFunction<double[]> function, double[] at, int index, double by) {
        var point = at.clone();
        point[index] += by;
        return function.applyAsDouble(point);
    }
}
