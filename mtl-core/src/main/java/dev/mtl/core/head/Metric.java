package dev.mtl.core.head;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Counts the predictions of one head over a data set. */
public interface Metric {
    /**
     * Counts one text.
     *
     * @param prediction what the head said of it
     * @param target what the data says; if it has labels that the training data does not have, no
     *     prediction is right
     * @return whether the prediction is entirely right, for accuracy over several tasks
     */
    boolean add(Prediction prediction, Target target);

    /**
     * The scores so far, by name, each 0 to 1 unless its name says otherwise; in the order to print
     * them.
     */
    Map<String, Double> scores();

    /** Which of the {@link #scores} are errors: the best model has the smallest. */
    default Set<String> lowerIsBetter() {
        return Set.of();
    }

    /**
     * Scores of each label or type of entity, for reports; empty if there are none. {@code support}
     * is how many the data has, {@code predicted} how many the predictions have; where these two
     * are given beside {@code precision}, {@code recall} and {@code f1}, reports add means of all
     * labels.
     */
    default Map<String, Map<String, Double>> scoresByLabel() {
        return Map.of();
    }

    /** Which labels were taken for which; empty if that is no question. */
    default Optional<ConfusionMatrix> confusion() {
        return Optional.empty();
    }
}
