package dev.mtl.train.run;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedMap;

/** Hears how training goes; calls come from the thread that trains. */
public interface TrainingListener {
    /**
     * A step is done.
     *
     * @param step how many are done, from 1
     * @param steps how many there will be
     * @param epoch how much of the data has been seen, in epochs
     * @param loss the weighted sum over the tasks
     * @param taskLosses the mean loss in this step of each task that has a labelled item in it
     * @param learningRates of the parts of the network that train: {@code embeddings}, {@code layer
     *     1}, ..., {@code heads}
     * @param gradientNorm before clipping
     * @param tokens that this step used
     * @param seconds that this step took, without evaluations, checkpoints and records
     */
    record Step(
            int step,
            int steps,
            double epoch,
            double loss,
            Map<String, Double> taskLosses,
            SequencedMap<String, Double> learningRates,
            double gradientNorm,
            long tokens,
            double seconds) {}

    /**
     * The validation data was scored.
     *
     * @param trainLoss the mean loss of the steps since the last evaluation, null if none counted
     * @param best whether this is the best model so far
     * @param seconds that scoring took
     */
    record Evaluated(
            int step,
            double epoch,
            @Nullable Double trainLoss,
            Evaluation evaluation,
            boolean best,
            double seconds) {}

    /** The first step begins: a stop that is asked for from now on is one after a step. */
    default void onBegin() {}

    void onStep(Step step);

    void onEvaluation(Evaluated evaluated);

    /** Something worth a line was decided or seen. */
    default void onNote(String note) {}

    /** The features of so many texts are computed; from any thread. */
    default void onFeatures(int texts, int ofTexts) {}

    /** A checkpoint was written. */
    default void onCheckpoint(int step, Path path) {}
}
