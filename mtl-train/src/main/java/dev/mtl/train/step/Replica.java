package dev.mtl.train.step;

import dev.mtl.core.model.TaskEncoders;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The copy of the weights that one micro-batch runs on: leaves with gradients of their own, which
 * on one device share the memory of the model's weights.
 *
 * @param microBatch the place of the micro-batch in its step, from 0
 * @param weights the leaves, by the names of the model's parameters
 * @param encoders on these weights
 * @param trainable whether a parameter trains, by its name
 * @param awaited whether no micro-batch follows on this copy, so that other processes wait for its
 *     gradients
 * @param scope the innermost scope; frees what the micro-batch leaves behind
 */
public record Replica(
        int microBatch,
        Parameters weights,
        TaskEncoders encoders,
        Predicate<String> trainable,
        boolean awaited,
        TensorScope scope) {
    /**
     * Takes the gradients out of the leaves.
     *
     * @return one for each parameter in the model's order, owned by the innermost scope; null for
     *     those that do not train, took no part, or were taken before
     */
    public List<@Nullable Tensor> takeGradients() {
        return takeGradients(name -> true);
    }

    /** The same, of some parameters alone, by their names. */
    public List<@Nullable Tensor> takeGradients(Predicate<String> which) {
        var gradients = new ArrayList<@Nullable Tensor>();
        for (var name : weights.names()) {
            gradients.add(
                    trainable.test(name) && which.test(name)
                            ? Autograd.takeGrad(weights.get(name)).orElse(null)
                            : null);
        }
        return gradients;
    }
}
