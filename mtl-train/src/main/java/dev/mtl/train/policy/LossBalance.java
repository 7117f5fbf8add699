package dev.mtl.train.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The weights of the tasks in the objective, from step to step. The state is all doubles, so a
 * resumed run continues with the same bits. Without more than {@link #weights} there is none.
 */
public interface LossBalance {
    /** The weights in the next step. */
    SequencedMap<String, Double> weights();

    /** A term of the objective that does not depend on the network. */
    default double regularizer() {
        return 0;
    }

    /**
     * Updates the weights after a step.
     *
     * @param losses mean loss of each task that had labelled items in the step, not weighted
     */
    default void afterStep(Map<String, Double> losses) {}

    /** Whether the examples of a step are read again after its update, for {@link #afterUpdate}. */
    default boolean readsLossesAgain() {
        return false;
    }

    /**
     * Updates the weights after {@link #afterStep}.
     *
     * @param losses as {@link #afterStep} has them, of the same examples with the new parameters
     */
    default void afterUpdate(Map<String, Double> losses) {}

    /** Updates the weights after an epoch. */
    default void afterEpoch() {}

    /** The state, by name, for {@link #restore}. */
    default SequencedMap<String, Double> state() {
        return new LinkedHashMap<>();
    }

    /** Continues from a {@link #state}. */
    default void restore(Map<String, Double> state) {}
}
