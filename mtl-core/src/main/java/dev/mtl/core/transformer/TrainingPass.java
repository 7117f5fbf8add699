package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

import java.util.Collection;

/**
 * A training pass that keeps no graph: what gradients need is computed again when they are due. For
 * one thread, with a {@link dev.mtl.torch.RandomStream} open.
 */
public sealed interface RecomputedPass permits CheckpointedPass, ChunkedPass {
    /**
     * Runs the encoder without a graph.
     *
     * @return token embeddings {@code [B, S, H]}: a leaf, whose gradient {@link #backward}
     *     continues from
     */
    Tensor forward();

    /**
     * The same with the outputs of some layers, leaves too.
     *
     * @param wanted numbers of layers below the last, from 1; 0 for the embeddings
     * @throws dev.mtl.core.ConfigurationException if this pass keeps the last layer alone
     */
    LayerOutputs forward(Collection<Integer> wanted);

    /** Continues backward from the gradient of the output. */
    void backward();
}
