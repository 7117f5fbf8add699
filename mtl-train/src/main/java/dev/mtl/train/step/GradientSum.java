package dev.mtl.train.step;

import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The gradients of a step, summed over its micro-batches. A floating-point sum depends on its
 * order, so a deterministic run adds in the order of the micro-batches, whichever is ready first:
 * the same seed then gives the same bits with any number of workers or processes.
 */
public interface GradientSum extends AutoCloseable {
    /**
     * Adds the gradients of one micro-batch. Where the order counts, blocks until those of all
     * micro-batches before it have been added.
     *
     * @param microBatch its place in the step, from 0
     * @param gradients one for each parameter, null where there is none; the sum may take ownership
     * @throws IllegalStateException if a micro-batch before it has failed
     */
    void add(int microBatch, List<@Nullable Tensor> gradients);

    /**
     * May take the gradients of the upper layers of a micro-batch before all of them are there;
     * {@link #add} follows with the others.
     *
     * @param layer from which on upwards they are complete
     */
    default void addFrom(int layer, Replica replica) {}

    /**
     * Says that a micro-batch has failed: those after it no longer wait for it. Those before it are
     * added as usual, so that a failure of theirs is the one that is reported.
     *
     * @param microBatch its place in the step, from 0
     */
    void abandon(int microBatch);

    /** The sums, null for a parameter without any gradient; owned by this object. */
    List<@Nullable Tensor> gradients();

    /** Frees the sums. */
    @Override
    void close();
}
