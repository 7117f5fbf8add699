package dev.mtl.core.transformer;

import dev.mtl.core.transformer.layers.Activation;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.torch.Tensor;

/**
 * The feed-forward block: a wider linear layer, an activation, and a linear layer back.
 *
 * @param intermediate H to the inner width
 * @param output the inner width to H
 * @param dropout of the block's output while training
 */
public record FeedForward(Linear intermediate, Activation activation, Linear output, double dropout)
        implements Sublayer {
    @Override
    public Tensor addTo(Tensor residual, Tensor input, Pass pass) {
        try (var inner = intermediate.apply(input, activation)) {
            return output.addTo(residual, inner, dropout, pass.mode());
        }
    }
}
