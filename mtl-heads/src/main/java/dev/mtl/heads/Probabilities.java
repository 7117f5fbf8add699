package dev.mtl.heads;

/** Probabilities of logits, computed in double precision. */
public final class Probabilities {
    private Probabilities() {}

    /** {@code softmax(logits / temperature)}. */
    public static double[] softmax(float[] logits, double temperature) {
        double most = max(logits);
        var probabilities = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = Math.exp((logits[i] - most) / temperature);
            sum += probabilities[i];
        }
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] /= sum;
        }
        return probabilities;
    }

    /** The largest of {@code softmax(logits / temperature)}. */
    public static double largest(float[] logits, double temperature) {
        return Math.exp(max(logits) / temperature - logSumExp(logits, temperature));
    }

    /** {@code log(sum(exp(logits / temperature)))}. */
    public static double logSumExp(float[] logits, double temperature) {
        double most = max(logits);
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((logit - most) / temperature);
        }
        return most / temperature + Math.log(sum);
    }

    /** {@code 1 / (1 + exp(-logit))}. */
    public static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    /**
     * A value to print, with the few digits that identify its nearest float: logits are floats, so
     * further digits mean nothing.
     */
    public static double rounded(double value) {
        return Double.parseDouble(Float.toString((float) value));
    }

    private static double max(float[] values) {
        double most = Double.NEGATIVE_INFINITY;
        for (float value : values) {
            most = Math.max(most, value);
        }
        return most;
    }
}
