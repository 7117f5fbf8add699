package dev.mtl.train.step;

import dev.mtl.torch.Tensor;

import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * What one micro-batch contributes to the objective of its step.
 *
 * @param replica that the micro-batch ran on
 * @param values per-task loss, scaled by the micro-batch's share of the step's items but not by the
 *     task's weight; without tasks that have no item in it. Parts of a loss follow it as {@code
 *     TASK.PART}, scaled as it is.
 * @param terms the weighted summands of the objective by task, scalars with a graph; without tasks
 *     that nothing learns from
 * @param backward continues backward from the gradients of the embeddings, where these have no
 *     graph; told of each layer whose gradients are complete, with those above it
 */
record MicroBatchLoss(
        Replica replica,
        SequencedMap<String, Double> values,
        SequencedMap<String, Tensor> terms,
        Consumer<IntConsumer> backward) {}
