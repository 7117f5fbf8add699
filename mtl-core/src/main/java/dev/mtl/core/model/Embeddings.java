package dev.mtl.core.model;

import dev.mtl.core.transformer.LayerOutputs;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

/**
 * The token embeddings of one batch; null are those that no head reads.
 *
 * @param texts of texts read one by one, {@code [B * K, S, H]}
 * @param pairs of the two texts of each example read together, {@code [B, S, H]}
 */
@SuppressWarnings("exports") // outputs of layers are for MTL's own modules
public record Embeddings(@Nullable LayerOutputs texts, @Nullable LayerOutputs pairs) {
    /** Of texts that are read one by one, of the last layer. */
    public static Embeddings ofTexts(Tensor texts) {
        return new Embeddings(LayerOutputs.of(texts), null);
    }
}
