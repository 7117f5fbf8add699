package dev.mtl.train.step;

import java.util.List;
import java.util.SequencedMap;

/**
 * What an optimizer step gave.
 *
 * @param loss the objective, see {@link Objective}
 * @param taskLosses each task's mean loss over the step's items, not weighted; without tasks that
 *     have none
 * @param lossParts the parts of these losses that heads name, by task and name
 * @param gradientNorm the global norm before clipping
 * @param tokens that went through the encoder, padding not counted
 * @param parts what each micro-batch contributes to {@code taskLosses} and {@code lossParts}, in
 *     their order
 * @param nonFiniteTasks the tasks whose heads have an infinite or NaN gradient, where the loss is
 *     finite and the norm is not
 */
public record StepResult(
        double loss,
        SequencedMap<String, Double> taskLosses,
        SequencedMap<String, SequencedMap<String, Double>> lossParts,
        double gradientNorm,
        long tokens,
        List<SequencedMap<String, Double>> parts,
        List<String> nonFiniteTasks) {
    /**
     * Whether the step was applied: with an infinite or NaN loss or gradient it changes nothing.
     */
    public boolean isFinite() {
        return Double.isFinite(loss) && Double.isFinite(gradientNorm);
    }
}
