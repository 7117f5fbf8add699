package dev.mtl.core.export;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.torch.Tensor;

import java.util.Arrays;
import java.util.TreeSet;

/**
 * A head that declares itself to be one linear layer ({@link dev.mtl.core.head.TaskHead#linear}),
 * which other tools can run.
 *
 * @param task whose head it is
 * @param form what the layer is applied to, and the names of its parameters
 * @param weight {@code [C, H]}, FLOAT32, owned by the model
 * @param bias {@code [C]}, FLOAT32, owned by the model
 */
public record LinearHead(Task task, LinearForm form, Tensor weight, Tensor bias) {
    /**
     * The linear layer of a task.
     *
     * @throws ConfigurationException if the model has no such task, or its head is not linear
     */
    public static LinearHead of(MultiTaskModel model, String name) {
        if (!model.tasks().containsKey(name)) {
            throw new ConfigurationException(
                    "no head '" + name + "'; this model has " + model.tasks().keySet());
        }
        var task = model.task(name);
        var form = task.head().linear();
        if (!task.layers().isLast()) {
            throw notLinear(task, "reads a mix of layers, " + task.layers());
        }
        if (form.isEmpty()) {
            var names = new TreeSet<String>();
            task.head().parameters().forEach(parameter -> names.add(parameter.name()));
            throw notLinear(task, "is not one, it has the parameters " + names);
        }
        var parameters = model.parameters().in(task.prefix());
        var weight = parameters.get(form.get().weight());
        var bias = parameters.get(form.get().bias());
        long classes = bias.shape().length == 1 ? bias.size(0) : -1;
        int hidden = model.backboneConfig().hiddenSize();
        long width = form.get().input().isOfTokens() ? hidden : model.readout().dimensions(hidden);
        if (!Arrays.equals(weight.shape(), new long[] {classes, width})) {
            throw notLinear(
                    task,
                    "has a weight %s and a bias %s"
                            .formatted(
                                    Arrays.toString(weight.shape()),
                                    Arrays.toString(bias.shape())));
        }
        return new LinearHead(task, form.get(), weight, bias);
    }

    private static ConfigurationException notLinear(Task task, String what) {
        return new ConfigurationException(
                ("task '%s': only a head that is one linear layer, weight [C, H] and bias [C], can"
                                + " be exported; its head '%s' %s. Heads that decode several"
                                + " tags jointly, as a CRF does, are not linear")
                        .formatted(task.name(), task.type(), what));
    }
}
