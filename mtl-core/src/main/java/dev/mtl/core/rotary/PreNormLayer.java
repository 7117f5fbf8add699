package dev.mtl.core.rotary;

import dev.mtl.core.transformer.EncoderLayer;
import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.Sublayer;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

/**
 * A layer whose blocks read a norm of the residual stream: {@code h = x + attention(norm(x)); h +
 * feedForward(norm(h))}.
 *
 * @param attentionNorm null where the input is normalized already
 * @param outputNorm of the sum, in the last layer; null for none
 */
public record PreNormLayer(
        @Nullable Norm attentionNorm,
        Sublayer attention,
        Norm feedForwardNorm,
        Sublayer feedForward,
        @Nullable Norm outputNorm)
        implements EncoderLayer {
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        try (var attended = attend(input, pass);
                var normalized = feedForwardNorm.apply(attended)) {
            var output = feedForward.addTo(attended, normalized, pass);
            return outputNorm == null ? output : outputNorm.replace(output);
        }
    }

    private Tensor attend(Tensor input, Pass pass) {
        if (attentionNorm == null) {
            return attention.addTo(input, input, pass);
        }
        try (var normalized = attentionNorm.apply(input)) {
            return attention.addTo(input, normalized, pass);
        }
    }
}
