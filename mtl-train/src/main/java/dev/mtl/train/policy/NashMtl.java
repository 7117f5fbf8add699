package dev.mtl.train.policy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Nash-MTL: the tasks bargain for the direction of the step (Navon et al. 2022, arXiv 2202.01017).
 * The weights a of their gradients solve {@code A a = 1 / a}, elementwise, where A has the inner
 * products of the gradients, divided by its Frobenius norm. They are the minimum of {@code a' A a /
 * 2 - sum log a_i}, which is convex, so that Newton's method finds them; the authors approach it by
 * a sequence of convex programs.
 */
public final class NashMtl implements GradientBalance {
    /** Keeps gradients that cancel each other from having weights without bound. */
    private static final double RIDGE = 1e-7;

    private static final int MOST_ITERATIONS = 200;

    private final SequencedMap<String, Double> factors;

    /**
     * Has no state.
     *
     * @param factors {@code loss_weight} of each task, by which its gradient is multiplied
     */
    public NashMtl(SequencedMap<String, Double> factors) {
        this.factors = new LinkedHashMap<>(factors);
    }

    @Override
    public SequencedMap<String, Double> weights() {
        return new LinkedHashMap<>(factors);
    }

    @Override
    public GradientWeights gradientWeights(
            List<String> tasks, double[][] products, Map<String, Double> losses) {
        var weights = solve(products);
        return new GradientWeights(weights, weights);
    }

    /** The solution; ones for products that are all zero. */
    static double[] solve(double[][] products) {
        int count = products.length;
        var a = new double[count];
        Arrays.fill(a, 1);
        double norm =
                Math.sqrt(
                        Arrays.stream(products)
                                .flatMapToDouble(Arrays::stream)
                                .map(value -> value * value)
                                .sum());
        if (!(norm > 0) || Double.isInfinite(norm)) {
            return a;
        }
        var matrix = new double[count][count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                matrix[i][j] = products[i][j] / norm + (i == j ? RIDGE : 0);
            }
        }
        for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
            var gradient = new double[count];
            var hessian = new double[count][];
            for (int i = 0; i < count; i++) {
                hessian[i] = matrix[i].clone();
                hessian[i][i] += 1 / (a[i] * a[i]);
                gradient[i] = -1 / a[i];
                for (int j = 0; j < count; j++) {
                    gradient[i] += matrix[i][j] * a[j];
                }
            }
            var direction = solve(hessian, gradient);
            double decrement = 0;
            for (int i = 0; i < count; i++) {
                decrement += direction[i] * gradient[i];
            }
            // the function is self-concordant: this step descends and keeps a above zero
            double step = 1 / (1 + Math.sqrt(Math.max(0, decrement)));
            for (int i = 0; i < count; i++) {
                a[i] -= (decrement < 1e-4 ? 1 : step) * direction[i];
            }
            if (!(decrement > 1e-24)) {
                break;
            }
        }
        return a;
    }

    /** Solves a positive definite system, by Gauss elimination. */
    private static double[] solve(double[][] matrix, double[] right) {
        int count = right.length;
        var x = right.clone();
        for (int i = 0; i < count; i++) {
            for (int row = i + 1; row < count; row++) {
                double factor = matrix[row][i] / matrix[i][i];
                for (int column = i; column < count; column++) {
                    matrix[row][column] -= factor * matrix[i][column];
                }
                x[row] -= factor * x[i];
            }
        }
        for (int i = count - 1; i >= 0; i--) {
            for (int column = i + 1; column < count; column++) {
                x[i] -= matrix[i][column] * x[column];
            }
            x[i] /= matrix[i][i];
        }
        return x;
    }
}
