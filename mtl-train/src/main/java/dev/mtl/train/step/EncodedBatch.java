package dev.mtl.train.step;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.model.Embeddings;

import java.util.Collection;
import java.util.List;

/**
 * A micro-batch after the encoder.
 *
 * @param replica that it ran on
 * @param inputs the batch as the heads see it
 * @param passes of the encoder: one, or one for each task that has an adapter of its own
 * @param recompute continues backward from the gradients of the embeddings, where the layers below
 *     keep no graph
 */
record EncodedBatch(Replica replica, HeadBatch inputs, List<Pass> passes, Runnable recompute) {
    /** Token embeddings that carry their graph, or that nothing below learns from. */
    EncodedBatch(Replica replica, HeadBatch inputs, List<Pass> passes) {
        this(replica, inputs, passes, () -> {});
    }

    /**
     * A pass of the encoder.
     *
     * @param tasks whose heads read it
     * @param embeddings of the tokens, owned by the replica's scope
     */
    record Pass(Collection<String> tasks, Embeddings embeddings) {}
}
