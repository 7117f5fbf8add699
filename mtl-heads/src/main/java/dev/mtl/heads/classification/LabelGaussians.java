package dev.mtl.heads.classification;

import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A Gaussian for each label's sentence embeddings, with one covariance for all of them: the squared
 * Mahalanobis distance to the nearest mean says how unlike the training data a text is (Lee et al.
 * 2018, arXiv 1807.03888).
 *
 * <p>The parameters are a whitening transform, after which distances are Euclidean, and the
 * whitened means. They are computed once after training; until then they are zeros.
 */
final class LabelGaussians {
    private static final String WHITENING = "reject.whitening";
    private static final String OFFSET = "reject.offset";
    private static final String MEANS = "reject.means";

    /** Stands for the mean of a label without texts: nothing is near it. */
    private static final float FAR = 1e6f;

    private LabelGaussians() {}

    /** The parameters, for labels and the width of the embeddings. */
    static List<ParameterSpec> parameters(int labels, int hiddenSize) {
        var zero = new Initializer.Constant(0);
        return List.of(
                new ParameterSpec(WHITENING, new long[] {hiddenSize, hiddenSize}, zero),
                new ParameterSpec(OFFSET, new long[] {hiddenSize}, zero),
                new ParameterSpec(MEANS, new long[] {labels, hiddenSize}, zero));
    }

    /**
     * The squared distance of each embedding to the nearest mean.
     *
     * @param embeddings {@code [B, H]}
     */
    static double[] distances(Parameters parameters, Tensor embeddings) {
        var whitened =
                embeddings.linear(parameters.get(WHITENING), parameters.get(OFFSET)).toFloatRows();
        var means = parameters.get(MEANS).toFloatRows();
        var distances = new double[whitened.length];
        for (int i = 0; i < distances.length; i++) {
            distances[i] = Double.POSITIVE_INFINITY;
            for (var mean : means) {
                distances[i] = Math.min(distances[i], squaredDistance(whitened[i], mean));
            }
        }
        return distances;
    }

    private static double squaredDistance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }

    /**
     * Computes the parameters.
     *
     * @param embeddings of training texts
     * @param labels the index of each text's label
     * @param count how many labels there are
     * @return values by the parameters' names, in row-major order
     */
    static Map<String, float[]> fit(List<float[]> embeddings, int[] labels, int count) {
        int width = embeddings.getFirst().length;
        var means = new double[count][width];
        var texts = new int[count];
        for (int i = 0; i < labels.length; i++) {
            add(means[labels[i]], embeddings.get(i));
            texts[labels[i]]++;
        }
        var centre = new double[width];
        for (int label = 0; label < count; label++) {
            for (int i = 0; i < width; i++) {
                centre[i] += means[label][i] / labels.length;
                means[label][i] /= Math.max(1, texts[label]);
            }
        }
        var covariance = new ShrunkCovariance(width);
        for (int i = 0; i < labels.length; i++) {
            covariance.add(embeddings.get(i), means[labels[i]]);
        }
        var whitening = covariance.whitening();
        var offset = new float[width];
        var whitenedMeans = new float[count * width];
        Arrays.fill(whitenedMeans, FAR);
        for (int row = 0; row < width; row++) {
            offset[row] = (float) -dot(whitening[row], centre);
            for (int label = 0; label < count; label++) {
                if (texts[label] > 0) {
                    whitenedMeans[label * width + row] =
                            (float) (dot(whitening[row], means[label]) + offset[row]);
                }
            }
        }
        return Map.of(WHITENING, flat(whitening), OFFSET, offset, MEANS, whitenedMeans);
    }

    private static void add(double[] sum, float[] values) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += values[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static float[] flat(double[][] rows) {
        var values = new float[rows.length * rows.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) rows[i / rows.length][i % rows.length];
        }
        return values;
    }
}
