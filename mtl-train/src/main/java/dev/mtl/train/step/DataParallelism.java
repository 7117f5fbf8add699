package dev.mtl.train.step;

import dev.mtl.train.sampling.MicroBatch;

import java.util.List;
import java.util.SequencedMap;
import java.util.function.Predicate;

/**
 * Spreads the micro-batches of a step over replicas of the model: the cores of one process, or
 * several devices or processes. An implementation decides three things:
 *
 * <ul>
 *   <li>who has which micro-batches ({@link #forEach}): each micro-batch of a step is computed
 *       once, by one replica of one process. The step is cut the same everywhere, and a micro-batch
 *       is known by its place in the step.
 *   <li>how gradients are summed ({@link #newSum}): over the micro-batches of all processes and, if
 *       the run is deterministic, in the order of their places. The sum is then the same, bit by
 *       bit, with any number of replicas, and each process applies it to its own weights.
 *   <li>who writes ({@link #writes}): models, checkpoints and records come from one process.
 * </ul>
 */
public interface DataParallelism extends AutoCloseable {
    /** What is done with a micro-batch. */
    interface Pass {
        /**
         * Computes a micro-batch on a replica, in a scope that is closed after it.
         *
         * @return its {@link MicroBatchLoss#values}
         */
        SequencedMap<String, Double> run(Replica replica, MicroBatch microBatch);
    }

    /** Says which parameters have gradients from the next step on, by their names. */
    void train(Predicate<String> trainable);

    /** An empty sum over the micro-batches of a step. */
    GradientSum newSum();

    /**
     * Runs each micro-batch of a step on a replica, several at once. What a pass draws follows from
     * the seed and the micro-batch's place alone.
     *
     * @param seed of the step
     * @param backward is told of each micro-batch that fails
     * @return what the passes gave for all micro-batches of the step, in their order, in each
     *     process
     * @throws RuntimeException the first failure in the order of the micro-batches, as it was
     *     thrown, once no pass is running any more
     */
    List<SequencedMap<String, Double>> forEach(
            List<MicroBatch> step, long seed, BackwardStrategy.Backward backward, Pass pass);

    /** Whether this process writes the model, the checkpoints and the records of the run. */
    boolean writes();

    /** Whether any process wants something, such as to stop; all have the same answer. */
    default boolean anyWants(boolean own) {
        return own;
    }

    /** A number of the process that {@link #writes}, in all processes. */
    default double ofWriter(double value) {
        return value;
    }

    /** Frees the replicas; nothing may be running. */
    @Override
    void close();
}
