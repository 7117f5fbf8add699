package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

/** From token ids to the input of the first layer. */
@FunctionalInterface
public interface Embeddings {
    /**
     * The embeddings of a batch's tokens, padding included.
     *
     * @return {@code [B * S, H]}, owned by the innermost scope
     * @throws IllegalArgumentException if the batch is longer than there are positions, or has an
     *     id outside of the vocabulary
     */
    Tensor forward(Pass pass);
}
