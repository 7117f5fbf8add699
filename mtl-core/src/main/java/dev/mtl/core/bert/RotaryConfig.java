package dev.mtl.core.bert;

import java.util.List;

/**
 * What the layers of an encoder with rotary positions have that BERT's have not: {@link
 * RotaryArrangement}.
 *
 * @param preNorm whether blocks read a norm of the residual stream, and the last layer ends with
 *     one
 * @param jointProjections whether query, key and value are one tensor in files, and the
 *     feed-forward block's first layer and its gate another
 * @param layers each layer's attention, the lowest first
 * @param attentionBias whether the projections of attention have biases
 * @param gateBias whether the feed-forward block's first layer and its gate have biases
 * @param feedForwardBias whether the feed-forward block's output layer has a bias
 * @param normBias whether norms have biases
 * @param outputDropout of the attention block's output
 * @param innerDropout of the input of the feed-forward block's output layer
 */
public record RotaryConfig(
        boolean preNorm,
        boolean jointProjections,
        List<Attention> layers,
        boolean attentionBias,
        boolean gateBias,
        boolean feedForwardBias,
        boolean normBias,
        double outputDropout,
        double innerDropout) {
    public RotaryConfig {
        layers = List.copyOf(layers);
    }

    /**
     * The attention of a layer.
     *
     * @param theta the base of its rotary frequencies
     * @param reach how many tokens to each side are attended to; 0 for all
     */
    public record Attention(double theta, int reach) {}
}
