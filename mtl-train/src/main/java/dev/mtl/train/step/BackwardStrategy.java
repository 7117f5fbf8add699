package dev.mtl.train.step;

import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/** How the losses of a step's micro-batches become one gradient for each parameter. */
public interface BackwardStrategy {
    /**
     * Begins a step.
     *
     * @param tasks that take part in it
     * @param parallelism makes the sums
     * @param seed of the step, for what is drawn
     */
    Backward begin(SequencedSet<String> tasks, DataParallelism parallelism, long seed);

    /** Whether there is one backward pass for a micro-batch, which may go layer by layer. */
    boolean goesByLayers();

    /** The gradients of one step; micro-batches come from several threads. */
    interface Backward extends AutoCloseable {
        /** Runs the backward pass of a micro-batch and adds its gradients. */
        void accumulate(MicroBatchLoss loss);

        /** Says that a micro-batch has failed; see {@link GradientSum#abandon}. */
        void abandon(int microBatch);

        /**
         * The gradient of the objective, once all micro-batches are accumulated.
         *
         * @param losses each task's mean loss over the step's items, not weighted
         * @return one for each parameter, null where there is none; owned by this object
         */
        List<@Nullable Tensor> gradients(Map<String, Double> losses);

        /** Frees the gradients. */
        @Override
        void close();
    }
}
