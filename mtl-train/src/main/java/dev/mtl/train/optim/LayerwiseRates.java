package dev.mtl.train.optim;

import java.util.regex.Pattern;

/**
 * Lower layers, which are more general, learn more slowly: encoder layer l of L has {@code base_lr
 * * decay^(L + 1 - l)} and the embeddings {@code base_lr * decay^(L + 1)} (Howard, Ruder 2018; Sun
 * et al. 2019, arXiv 1905.05583). Heads have {@code base_lr}. Biases and LayerNorms are not
 * decayed, as in BERT's own optimizer.
 */
public final class LayerwiseRates {
    private static final Pattern LAYER = Pattern.compile("encoder\\.layer\\.(\\d+)\\..*");

    private final double baseLr;
    private final double decay;
    private final double weightDecay;
    private final int layers;

    /**
     * Sets the rates.
     *
     * @param layers L, the backbone's number of encoder layers
     */
    public LayerwiseRates(double baseLr, double decay, double weightDecay, int layers) {
        this.baseLr = baseLr;
        this.decay = decay;
        this.weightDecay = weightDecay;
        this.layers = layers;
    }

    /**
     * The group of a parameter.
     *
     * @param parameter by Hugging Face's name, or {@code heads.TASK.NAME}
     */
    public ParameterGroup groupOf(String parameter) {
        double wd = isDecayed(parameter) ? weightDecay : 0;
        var layer = LAYER.matcher(parameter);
        if (layer.matches()) {
            int number = Integer.parseInt(layer.group(1)) + 1;
            return new ParameterGroup(
                    "layer " + number, baseLr * Math.pow(decay, layers + 1 - number), wd);
        }
        if (parameter.startsWith("embeddings.")) {
            return new ParameterGroup("embeddings", baseLr * Math.pow(decay, layers + 1), wd);
        }
        return new ParameterGroup("heads", baseLr, wd);
    }

    private static boolean isDecayed(String parameter) {
        return !parameter.endsWith("bias") && !parameter.contains("LayerNorm");
    }
}
