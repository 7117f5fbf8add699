package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

/** A layer of an encoder. */
@FunctionalInterface
public interface EncoderLayer {
    /**
     * Runs the layer.
     *
     * @param input {@code [T, H]}: T tokens as the pass lays them out; stays open
     * @return {@code [T, H]}, another tensor, owned by the innermost scope
     */
    Tensor forward(Tensor input, Pass pass);
}
