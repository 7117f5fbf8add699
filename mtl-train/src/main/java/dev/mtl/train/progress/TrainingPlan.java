package dev.mtl.train.progress;

import dev.mtl.train.settings.Schedule;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a training run will do, for {@code --plan}.
 *
 * @param steps optimizer steps in all
 * @param stepsPerEpoch of these in an epoch
 * @param polynomialPower of {@link Schedule#POLYNOMIAL}
 * @param warmupSteps over which the learning rates rise
 * @param groups the parameter groups, in the order of the network
 * @param unfreezing the layers that join during training; empty unless freezing is gradual
 * @param data the data sets, and how often an epoch sees them
 * @param notes what became of the heads of a trained model, and settings that take effect after the
 *     last step
 */
public record TrainingPlan(
        int steps,
        int stepsPerEpoch,
        Schedule schedule,
        double polynomialPower,
        int warmupSteps,
        List<Group> groups,
        List<Unfreezing> unfreezing,
        List<Data> data,
        List<String> notes) {
    /** The same with notes before its own. */
    public TrainingPlan withNotes(List<String> before) {
        return new TrainingPlan(
                steps,
                stepsPerEpoch,
                schedule,
                polynomialPower,
                warmupSteps,
                groups,
                unfreezing,
                data,
                Stream.concat(before.stream(), notes.stream()).toList());
    }

    /**
     * Parameters that share a learning rate and a weight decay.
     *
     * @param name of the part of the network; with {@code , not decayed} if weight decay applies to
     *     another group of the same part only
     * @param layers the encoder layers that they belong to, from 1
     * @param learningRate at the peak of the schedule
     * @param trainableFrom the first step, from 1, that they train in; null if they never do
     * @param parameters how many numbers they have
     */
    public record Group(
            String name,
            List<Integer> layers,
            double learningRate,
            double weightDecay,
            @Nullable Integer trainableFrom,
            long parameters) {}

    /**
     * A layer that joins during training.
     *
     * @param step the first that it trains in, from 1
     * @param epoch the epochs that have been seen by then, with fractions
     * @param layer from 1
     * @param embeddings whether the embeddings join with it
     */
    public record Unfreezing(int step, double epoch, int layer, boolean embeddings) {}

    /**
     * A data set with its tasks.
     *
     * @param examples how many it has
     * @param passesPerEpoch how many times each example is seen in an epoch, expected or exact
     */
    public record Data(String source, List<String> tasks, int examples, double passesPerEpoch) {}
}
