package dev.mtl.train.step;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.torch.Tensor;

/**
 * A micro-batch after the encoder.
 *
 * @param replica that it ran on
 * @param inputs the batch as the heads see it
 * @param tokens token embeddings {@code [B * K, S, H]}, owned by the replica's scope
 * @param recompute continues backward from the gradient of {@code tokens}, where the layers below
 *     keep no graph
 */
record EncodedBatch(Replica replica, HeadBatch inputs, Tensor tokens, Runnable recompute) {
    /** Token embeddings that carry their graph, or that nothing below learns from. */
    EncodedBatch(Replica replica, HeadBatch inputs, Tensor tokens) {
        this(replica, inputs, tokens, () -> {});
    }
}
