package dev.mtl.train.step;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.model.Embeddings;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * A micro-batch after the encoder.
 *
 * @param replica that it ran on
 * @param inputs the batch as the heads see it
 * @param passes of the encoder: one, or one for each task that has an adapter of its own
 * @param backward continues backward from the gradients of the embeddings, where these have no
 *     graph; told of each layer as {@link dev.mtl.core.transformer.TrainingPass#backward} tells
 */
record EncodedBatch(
        Replica replica, HeadBatch inputs, List<Pass> passes, Consumer<IntConsumer> backward) {
    /** Token embeddings that carry their graph, or that nothing below learns from. */
    EncodedBatch(Replica replica, HeadBatch inputs, List<Pass> passes) {
        this(replica, inputs, passes, done -> {});
    }

    /**
     * A pass of the encoder.
     *
     * @param tasks whose heads read it
     * @param embeddings of the tokens, owned by the replica's scope
     */
    record Pass(Collection<String> tasks, Embeddings embeddings) {}
}
