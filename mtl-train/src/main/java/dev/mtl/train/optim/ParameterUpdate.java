package dev.mtl.train.optim;

import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Moves the parameters of a model along its gradients. */
public interface ParameterUpdate {
    /**
     * One update.
     *
     * @param gradients one for each parameter, null for those that do not move
     * @param scheduleFactor what the learning rates are multiplied by at this step
     */
    void step(List<@Nullable Tensor> gradients, double scheduleFactor);
}
