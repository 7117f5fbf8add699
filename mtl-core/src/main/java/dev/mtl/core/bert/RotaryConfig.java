package dev.mtl.core.bert;

import java.util.List;

/**
 * The settings of an encoder with rotary positions beside those that BERT has, too. {@link
 * RotaryArrangement} makes the encoder.
 *
 * @param preNorm whether blocks read a norm of the residual stream, and the last layer ends with
 *     one; else each block's sum is normalized, as in BERT
 * @param embeddingNorm whether the embeddings are normalized
 * @param norm the kind of all norms
 * @param layers each layer's attention, the lowest first
 * @param keyHeads heads of keys and values, a divisor of those of the queries
 * @param jointProjections whether query, key and value are one tensor in files
 * @param gate how the feed-forward block's first layer and its gate are in files
 * @param biases which linear layers have biases
 * @param dropouts while training, beside that of the attention probabilities
 */
public record RotaryConfig(
        boolean preNorm,
        boolean embeddingNorm,
        NormKind norm,
        List<Attention> layers,
        int keyHeads,
        boolean jointProjections,
        GateTensors gate,
        Biases biases,
        Dropouts dropouts)
        implements BertConfig.Layers {
    public RotaryConfig {
        layers = List.copyOf(layers);
    }

    /** Kinds of norms. */
    public enum NormKind {
        /** LayerNorm with weights and biases. */
        LAYER_NORM,
        /** LayerNorm with weights only. */
        LAYER_NORM_WITHOUT_BIAS,
        /** By the root mean square. */
        RMS_NORM
    }

    /** The feed-forward block's first layer and its gate in files. */
    public enum GateTensors {
        /** Two tensors. */
        SEPARATE,
        /** One: the layer with the activation, then the gate. */
        JOINT,
        /** One: the gate, then the layer with the activation. */
        JOINT_GATE_FIRST
    }

    /**
     * The attention of a layer.
     *
     * @param theta the base of its rotary frequencies
     * @param divisor of its rotary frequencies; 1 for none
     * @param reach how many tokens to each side are attended to; 0 for all
     */
    public record Attention(double theta, double divisor, int reach) {}

    /**
     * Which linear layers have biases.
     *
     * @param attention the projections of attention and its output layer
     * @param gate the feed-forward block's first layer and its gate
     * @param feedForward the feed-forward block's output layer
     */
    public record Biases(boolean attention, boolean gate, boolean feedForward) {}

    /**
     * Probabilities of dropout.
     *
     * @param attention of the attention block's output
     * @param inner of the input of the feed-forward block's output layer
     * @param feedForward of the feed-forward block's output
     */
    public record Dropouts(double attention, double inner, double feedForward) {}
}
