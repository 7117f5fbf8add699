package dev.mtl.core.transformer;

import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.torch.Tensor;

/**
 * The layer of BERT and of the original transformer (Vaswani et al. 2017): each block's output is
 * added to its input, and the sum is normalized.
 *
 * <p>Intermediate tensors are closed as soon as they are not needed: memory that is used again is
 * still in the cache and costs no page faults.
 */
public record PostNormLayer(
        Sublayer attention, Norm attentionNorm, Sublayer feedForward, Norm outputNorm)
        implements EncoderLayer {
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        try (var attended = attentionNorm.replace(attention.addTo(input, input, pass))) {
            return outputNorm.replace(feedForward.addTo(attended, attended, pass));
        }
    }
}
