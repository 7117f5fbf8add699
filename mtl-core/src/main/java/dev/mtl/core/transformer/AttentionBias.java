package dev.mtl.core.transformer;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Tensor;

/**
 * What is added to attention scores before their softmax, beside the mask of padding: a learned
 * bias, or the mask of a window.
 */
@FunctionalInterface
public interface AttentionBias {
    /**
     * The bias of a batch. It is computed once in a pass for all layers that share this object.
     *
     * @return broadcastable to {@code [B, heads, S, S]}, FLOAT32, on the batch's device, owned by
     *     the innermost scope
     */
    Tensor of(TokenBatch batch);

    /** Whether it is computed from weights, which train with the embeddings. */
    default boolean isLearned() {
        return true;
    }
}
