package dev.mtl.core.head;

import java.util.List;
import java.util.Map;

/**
 * Makes heads whose settings can be fitted to validation data once training is over, such as the
 * probability from which on a label is predicted. The model is saved with the settings that come of
 * it.
 *
 * @param <P> the head's own settings
 */
public interface TunableProvider<P extends Record> extends HeadProvider<P> {
    /** Whether a head of these settings is to be fitted. */
    boolean tunes(P settings);

    /** Whether the head has parameters that {@link #fitWeights} computes; none by default. */
    default boolean fitsWeights(P settings) {
        return false;
    }

    /**
     * Computes parameters that are not trained, such as statistics of embeddings. It is called
     * before {@link #tune}, whose predictions are those of the head with these parameters.
     *
     * @param settings of the head in training
     * @param labels what {@link #learnLabels} gave
     * @param predictions of the trained head for texts of the training data
     * @param targets what the data says, in the same order
     * @return values in row-major order by the names of the head's parameters
     */
    default Map<String, float[]> fitWeights(
            P settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        return Map.of();
    }

    /**
     * Fits settings.
     *
     * @param settings of the head in training
     * @param labels what {@link #learnLabels} gave
     * @param predictions of the trained head for the validation data
     * @param targets what the data says, in the same order
     * @return settings for the same parameters
     */
    P tune(
            P settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets);
}
