package dev.mtl.train.step;

import java.util.List;
import java.util.SequencedMap;

/**
 * What a step's forward passes gave.
 *
 * @param loss the weighted sum over the tasks
 * @param taskLosses each task's mean loss over the step's items, not weighted; without tasks that
 *     have none
 * @param tokens that went through the network, padding not counted
 * @param parts what each micro-batch adds to {@code taskLosses}, in their order
 */
public record StepResult(
        double loss,
        SequencedMap<String, Double> taskLosses,
        long tokens,
        List<SequencedMap<String, Double>> parts) {}
