package dev.mtl.train.policy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Conflict-averse gradient descent (Liu et al. 2021, arXiv 2110.14048): of all directions within
 * {@code c |g_0|} of the mean gradient g_0 of K tasks, the one along which the worst task improves
 * most. It is {@code g_0 + c |g_0| g_w / |g_w|}, where the weights w of {@code g_w = sum w_i g_i}
 * minimize {@code g_w' g_0 + c |g_0| |g_w|} over the simplex; divided by {@code 1 + c^2} as its
 * authors do, and times K, so that c = 0 gives the plain sum. Gradients of one task's parameters
 * stay as they are.
 */
public final class CaGrad implements GradientBalance {
    private static final double EPS = 1e-8;
    private static final int MOST_ITERATIONS = 2000;

    private final SequencedMap<String, Double> factors;
    private final double c;

    /**
     * Has no state.
     *
     * @param factors {@code loss_weight} of each task, by which its gradient is multiplied
     * @param c between 0, the plain sum, and below 1
     */
    public CaGrad(SequencedMap<String, Double> factors, double c) {
        this.factors = new LinkedHashMap<>(factors);
        this.c = c;
    }

    @Override
    public SequencedMap<String, Double> weights() {
        return new LinkedHashMap<>(factors);
    }

    @Override
    public GradientWeights gradientWeights(
            List<String> tasks, double[][] products, Map<String, Double> losses) {
        int count = tasks.size();
        double mean = Arrays.stream(products).flatMapToDouble(Arrays::stream).average().orElse(0);
        double radius = c * Math.sqrt(mean + EPS) + EPS;
        var w = minimize(products, radius);
        double lambda = radius / (Math.sqrt(Math.max(0, quadratic(products, w, w))) + EPS);
        var weights = new double[count];
        for (int i = 0; i < count; i++) {
            weights[i] = (1 + count * lambda * w[i]) / (1 + c * c);
        }
        var own = new double[count];
        Arrays.fill(own, 1);
        return new GradientWeights(weights, own);
    }

    /**
     * The point of the simplex where {@code w' A b + radius sqrt(w' A w + eps)} is smallest, b the
     * simplex's middle: a convex function, by projected gradients with a step that is halved until
     * it descends.
     */
    static double[] minimize(double[][] products, double radius) {
        int count = products.length;
        var middle = new double[count];
        Arrays.fill(middle, 1.0 / count);
        var w = middle.clone();
        double value = value(products, middle, w, radius);
        double step = 1 / (EPS + Math.abs(trace(products)));
        for (int i = 0; i < MOST_ITERATIONS; i++) {
            var gradient = gradient(products, middle, w, radius);
            double[] next;
            double nextValue;
            do {
                next = projected(w, gradient, step);
                nextValue = value(products, middle, next, radius);
                step /= 2;
            } while (nextValue > value && step > 0);
            double moved = 0;
            for (int j = 0; j < count; j++) {
                moved = Math.max(moved, Math.abs(next[j] - w[j]));
            }
            w = next;
            value = nextValue;
            step *= 8;
            if (!(moved > 1e-12)) {
                break;
            }
        }
        return w;
    }

    private static double trace(double[][] products) {
        double sum = 0;
        for (int i = 0; i < products.length; i++) {
            sum += products[i][i];
        }
        return sum;
    }

    private static double value(double[][] products, double[] middle, double[] w, double radius) {
        return quadratic(products, w, middle)
                + radius * Math.sqrt(Math.max(0, quadratic(products, w, w)) + EPS);
    }

    private static double[] gradient(
            double[][] products, double[] middle, double[] w, double radius) {
        double size = Math.sqrt(Math.max(0, quadratic(products, w, w)) + EPS);
        var gradient = new double[w.length];
        for (int i = 0; i < w.length; i++) {
            for (int j = 0; j < w.length; j++) {
                gradient[i] += products[i][j] * (middle[j] + radius * w[j] / size);
            }
        }
        return gradient;
    }

    private static double quadratic(double[][] products, double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                sum += a[i] * products[i][j] * b[j];
            }
        }
        return sum;
    }

    /** The point of the simplex that is nearest to {@code w - step * gradient}. */
    private static double[] projected(double[] w, double[] gradient, double step) {
        var point = new double[w.length];
        for (int i = 0; i < w.length; i++) {
            point[i] = w[i] - step * gradient[i];
        }
        var sorted = point.clone();
        Arrays.sort(sorted);
        double sum = 0;
        double shift = 0;
        for (int i = 1; i <= sorted.length; i++) {
            double value = sorted[sorted.length - i];
            sum += value;
            double candidate = (sum - 1) / i;
            if (value > candidate) {
                shift = candidate;
            }
        }
        for (int i = 0; i < point.length; i++) {
            point[i] = Math.max(0, point[i] - shift);
        }
        return point;
    }
}
