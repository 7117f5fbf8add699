package dev.mtl.train.optim;

import dev.mtl.core.adapter.Adapters;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * Layer-wise learning rate decay: encoder layer l of L has the rate {@code base_lr * decay^(L + 1 -
 * l)} and the embeddings have {@code base_lr * decay^(L + 1)} (Howard, Ruder 2018; Sun et al. 2019,
 * arXiv 1905.05583). Layers after pooling have {@code base_lr}, heads {@code base_lr} or {@code
 * head_lr}. Weight decay leaves out biases and LayerNorms, as BERT's optimizer does.
 */
public final class LayerwiseRates {
    private static final Pattern LAYER =
            Pattern.compile("(?:adapters\\.[^.]+\\.)?encoder\\.layer\\.(\\d+)\\..*");
    private static final Pattern HEAD = Pattern.compile("heads\\.([^.]+)\\..*");

    private final double baseLr;
    private final double decay;
    private final double weightDecay;
    private final int layers;
    private final Map<String, Double> headRates;

    /**
     * The rates of a model.
     *
     * @param layers L, the number of encoder layers
     * @param headRates {@code head_lr} by task; tasks without one have {@code baseLr}
     */
    public LayerwiseRates(
            double baseLr,
            double decay,
            double weightDecay,
            int layers,
            Map<String, Double> headRates) {
        this.baseLr = baseLr;
        this.decay = decay;
        this.weightDecay = weightDecay;
        this.layers = layers;
        this.headRates = Map.copyOf(headRates);
    }

    /**
     * The layer of a parameter of the encoder, from 1 at the bottom; 0 for the embeddings.
     *
     * @param parameter by Hugging Face's name
     */
    public static int layerOf(String parameter) {
        var match = LAYER.matcher(parameter);
        return match.matches() ? Integer.parseInt(match.group(1)) + 1 : 0;
    }

    /**
     * The task of a head's parameter.
     *
     * @param parameter {@code heads.TASK.NAME}
     */
    public static String taskOf(String parameter) {
        var match = HEAD.matcher(parameter);
        if (!match.matches()) {
            throw new IllegalArgumentException(parameter + " is not a parameter of a head");
        }
        return match.group(1);
    }

    /**
     * The group of a parameter.
     *
     * @param parameter by Hugging Face's name, {@code readout.N.NAME}, or {@code heads.TASK.NAME}
     */
    public ParameterGroup groupOf(String parameter) {
        double wd = isDecayed(parameter) ? weightDecay : 0;
        if (parameter.startsWith("heads.")) {
            var task = taskOf(parameter);
            return new ParameterGroup("head " + task, headRates.getOrDefault(task, baseLr), wd);
        }
        if (parameter.startsWith("readout.")) {
            return new ParameterGroup("readout", baseLr, wd);
        }
        int layer = layerOf(parameter);
        return new ParameterGroup(
                name(parameter, layer), baseLr * Math.pow(decay, layers + 1 - layer), wd);
    }

    private static String name(String parameter, int layer) {
        if (parameter.startsWith(Adapters.PREFIX)) {
            return "adapters layer " + layer;
        }
        return layer == 0 ? "embeddings" : "layer " + layer;
    }

    private static boolean isDecayed(String parameter) {
        return !parameter.endsWith("bias") && !parameter.contains("LayerNorm");
    }
}
