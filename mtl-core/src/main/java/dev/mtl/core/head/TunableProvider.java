package dev.mtl.core.head;

import java.util.List;

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

    /**
     * Fits settings.
     *
     * @param settings of the trained head
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
