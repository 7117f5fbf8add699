package dev.mtl.train.policy;

import java.util.Map;
import java.util.SequencedMap;

/**
 * What each task's loss counts in the sum, from step to step. All state is in doubles, so that a
 * resumed run goes on with the same bits.
 */
public interface LossBalance {
    /** What the tasks count in the next step. */
    SequencedMap<String, Double> weights();

    /** What is added to the weighted sum of the losses; a constant to the network. */
    default double regularizer() {
        return 0;
    }

    /**
     * Hears of a step.
     *
     * @param losses the mean loss of each task that took part, not weighted
     */
    void afterStep(Map<String, Double> losses);

    /** Hears that an epoch is over. */
    default void afterEpoch() {}

    /** What {@link #restore} needs to go on from here: figures by name. */
    SequencedMap<String, Double> state();

    /** Goes on from a {@link #state}. */
    void restore(Map<String, Double> state);
}
