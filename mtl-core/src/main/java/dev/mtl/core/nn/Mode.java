package dev.mtl.core.nn;

import dev.mtl.torch.Tensor;

/** Whether a forward pass is for training, with dropout, or for evaluation, without. */
public enum Mode {
    TRAINING,
    EVALUATION;

    /**
     * Dropout while training, else the tensor itself.
     *
     * @param probability of an element to be zeroed, 0 to below 1
     */
    public Tensor dropout(Tensor tensor, double probability) {
        return this == TRAINING ? tensor.dropout(probability) : tensor;
    }
}
