package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

import java.util.Collection;
import java.util.function.IntConsumer;

/**
 * A training pass whose output has no graph: once the gradient of the output is there, the pass
 * goes backward by itself, in parts. For one thread.
 */
public sealed interface TrainingPass permits LayerwisePass, ChunkedPass {
    /**
     * Runs the encoder.
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

    /**
     * Continues backward from the gradient of the output.
     *
     * @param done told the number of a layer, from 1, once the gradients of its own weights and of
     *     the layers above it are complete; not told where the pass goes backward otherwise
     */
    void backward(IntConsumer done);
}
