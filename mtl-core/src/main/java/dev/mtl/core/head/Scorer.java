package dev.mtl.core.head;

import java.util.Map;

/** Counts the predictions of one head over a data set. */
public interface Scorer {
    /**
     * Counts one text.
     *
     * @param prediction what the head said of it
     * @param target what the data says
     * @return whether the prediction is entirely right, for accuracy over several tasks
     */
    boolean add(Prediction prediction, Target target);

    /**
     * The scores so far, by name, each 0 to 1 unless its name says otherwise; in the order to print
     * them.
     */
    Map<String, Double> scores();
}
