package dev.mtl.core.rotary;

import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.Sublayer;
import dev.mtl.core.transformer.layers.Activation;
import dev.mtl.core.transformer.layers.GatedLinear;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

/**
 * The feed-forward block with a gate (Shazeer 2020, arXiv 2002.05202): {@code output(activation(a
 * x) * b x)}.
 *
 * @param intermediate H to the inner width
 * @param innerDropout of the output layer's input while training
 * @param output the inner width to H
 * @param outputDropout of the block's output while training
 */
public record GatedFeedForward(
        GatedLinear intermediate,
        Activation activation,
        double innerDropout,
        Linear output,
        double outputDropout)
        implements Sublayer {
    @Override
    public Tensor addTo(Tensor residual, Tensor input, Pass pass) {
        try (var scope = TensorScope.open()) {
            var inner = pass.mode().dropout(intermediate.apply(input, activation), innerDropout);
            return scope.moveOut(output.addTo(residual, inner, outputDropout, pass.mode()));
        }
    }
}
