package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

import java.util.Map;

/**
 * What an encoder gives for a batch.
 *
 * @param last the token embeddings: {@code [B, S, H]} of the last layer
 * @param layers those of further layers that were asked for, by their number; 0 for the embeddings
 *     below the first layer
 */
public record LayerOutputs(Tensor last, Map<Integer, Tensor> layers) {
    public LayerOutputs {
        layers = Map.copyOf(layers);
    }

    /** The token embeddings alone. */
    public static LayerOutputs of(Tensor last) {
        return new LayerOutputs(last, Map.of());
    }
}
