package dev.mtl.train.step;

import dev.mtl.torch.Tensor;

import java.util.SequencedMap;

/**
 * What one micro-batch contributes to the objective of its step.
 *
 * @param replica that the micro-batch ran on
 * @param values per-task loss, scaled by the micro-batch's share of the step's items but not by the
 *     task's weight; without tasks that have no item in it. Parts of a loss follow it as {@code
 *     TASK.PART}, scaled as it is.
 * @param terms the weighted summands of the objective by task, scalars with a graph; without tasks
 *     that nothing learns from
 * @param recompute continues backward from the gradients of the embeddings, where the layers below
 *     keep no graph
 */
record MicroBatchLoss(
        Replica replica,
        SequencedMap<String, Double> values,
        SequencedMap<String, Tensor> terms,
        Runnable recompute) {}
