package dev.mtl.heads.classification;

/**
 * A covariance with oracle approximating shrinkage towards a multiple of the identity (Chen et al.
 * 2010, arXiv 0907.4698, as scikit-learn's {@code OAS}), which is invertible even with fewer
 * vectors than dimensions.
 */
final class ShrunkCovariance {
    private final int width;
    private final double[][] sums;
    private int count;

    ShrunkCovariance(int width) {
        this.width = width;
        sums = new double[width][width];
    }

    /** Adds a vector by its difference to its own mean. */
    void add(float[] vector, double[] mean) {
        var difference = new double[width];
        for (int i = 0; i < width; i++) {
            difference[i] = vector[i] - mean[i];
        }
        for (int i = 0; i < width; i++) {
            double own = difference[i];
            for (int j = 0; j <= i; j++) {
                sums[i][j] += own * difference[j];
            }
        }
        count++;
    }

    /** The lower triangle of the covariance. */
    private double[][] shrunk() {
        double trace = 0;
        double squares = 0;
        for (int i = 0; i < width; i++) {
            for (int j = 0; j <= i; j++) {
                double value = sums[i][j] / count;
                squares += (i == j ? 1 : 2) * value * value;
                trace += i == j ? value : 0;
            }
        }
        double mean = trace / width;
        double alpha = squares / width / width;
        double denominator = (count + 1) * (alpha - mean * mean / width);
        double shrinkage = denominator <= 0 ? 1 : Math.min(1, (alpha + mean * mean) / denominator);
        var shrunk = new double[width][width];
        for (int i = 0; i < width; i++) {
            for (int j = 0; j <= i; j++) {
                shrunk[i][j] = (1 - shrinkage) * sums[i][j] / count;
            }
            // constant vectors have no covariance at all
            shrunk[i][i] += Math.max(shrinkage * mean, 1e-12);
        }
        return shrunk;
    }

    /**
     * The inverse of the Cholesky factor: vectors multiplied by it have the identity as their
     * covariance.
     */
    double[][] whitening() {
        var factor = cholesky(shrunk());
        var inverse = new double[width][width];
        for (int column = 0; column < width; column++) {
            inverse[column][column] = 1 / factor[column][column];
            for (int row = column + 1; row < width; row++) {
                double sum = 0;
                for (int i = column; i < row; i++) {
                    sum -= factor[row][i] * inverse[i][column];
                }
                inverse[row][column] = sum / factor[row][row];
            }
        }
        return inverse;
    }

    /** The factor, in place of a lower triangle. */
    private static double[][] cholesky(double[][] lower) {
        for (int row = 0; row < lower.length; row++) {
            for (int column = 0; column <= row; column++) {
                double sum = lower[row][column];
                for (int i = 0; i < column; i++) {
                    sum -= lower[row][i] * lower[column][i];
                }
                lower[row][column] = row == column ? Math.sqrt(sum) : sum / lower[column][column];
            }
        }
        return lower;
    }
}
