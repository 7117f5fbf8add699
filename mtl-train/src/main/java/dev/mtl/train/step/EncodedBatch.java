package dev.mtl.train.step;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.model.MultiTaskModel;

/**
 * A micro-batch after the encoder.
 *
 * @param replica that it ran on
 * @param inputs the batch as the heads see it
 * @param embeddings of the tokens, owned by the replica's scope
 * @param recompute continues backward from the gradient of {@code embeddings}, where the layers
 *     below keep no graph
 */
record EncodedBatch(
        Replica replica,
        HeadBatch inputs,
        MultiTaskModel.Embeddings embeddings,
        Runnable recompute) {
    /** Token embeddings that carry their graph, or that nothing below learns from. */
    EncodedBatch(Replica replica, HeadBatch inputs, MultiTaskModel.Embeddings embeddings) {
        this(replica, inputs, embeddings, () -> {});
    }
}
