package dev.mtl.train.progress;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedMap;

/** Receives the events of a training run, on the thread that trains. */
public interface TrainingListener {
    /**
     * An optimizer step.
     *
     * @param step its number, from 1
     * @param steps of the whole run
     * @param epoch the epochs that have been seen, with fractions
     * @param loss the objective: the weighted sum over the tasks
     * @param taskLosses mean loss by task, not weighted; without tasks that have no labelled item
     *     in the step
     * @param lossParts the parts of these losses that heads name, by task and name; see {@link
     *     dev.mtl.core.head.TaskHead#lossWithParts}
     * @param learningRates of the parts of the network that train: {@code embeddings}, {@code layer
     *     1}, ..., {@code heads}
     * @param gradientNorm before clipping
     * @param tokens that went through the encoder, padding not counted
     * @param seconds that the step took, without evaluations, checkpoints and records
     */
    record Step(
            int step,
            int steps,
            double epoch,
            double loss,
            Map<String, Double> taskLosses,
            Map<String, SequencedMap<String, Double>> lossParts,
            SequencedMap<String, Double> learningRates,
            double gradientNorm,
            long tokens,
            double seconds) {}

    /**
     * An evaluation on the validation data.
     *
     * @param trainLoss mean loss of the steps since the last evaluation, null if none had a loss
     * @param best whether this is the best model so far
     * @param seconds that the evaluation took
     */
    record Evaluated(
            int step,
            double epoch,
            @Nullable Double trainLoss,
            Evaluation evaluation,
            boolean best,
            double seconds) {}

    /**
     * Settings of heads that were fitted to the validation data, such as thresholds and
     * temperatures.
     *
     * @param step after which the model was saved that has them
     * @param before the scores of each fitted task with its settings of the training
     * @param after its scores with the fitted settings
     */
    record Fitted(
            int step,
            SequencedMap<String, Map<String, Double>> before,
            SequencedMap<String, Map<String, Double>> after) {}

    /** The first step begins. A stop that is requested from now on takes effect after a step. */
    default void onBegin() {}

    /** A step is done. */
    default void onStep(Step step) {}

    /** The validation data was scored. */
    default void onEvaluation(Evaluated evaluated) {}

    /** Training is over, and settings of heads were fitted to the validation data. */
    default void onFitted(Fitted fitted) {}

    /**
     * Training is over, and the best model was scored on the test data.
     *
     * @param step after which the model was saved
     */
    default void onTest(int step, Evaluation evaluation) {}

    /** A decision or an observation, as one line of text. */
    default void onNote(String note) {}

    /**
     * Progress of computing the features of a frozen encoder; called from any thread.
     *
     * @param texts that are done
     * @param ofTexts in all
     */
    default void onFeatures(int texts, int ofTexts) {}

    /**
     * Progress of the first pass over streamed data, before training.
     *
     * @param source the file or the data set
     * @param rows that are read
     */
    default void onFirstPass(String source, long rows) {}

    /** A checkpoint was written. */
    default void onCheckpoint(int step, Path path) {}
}
