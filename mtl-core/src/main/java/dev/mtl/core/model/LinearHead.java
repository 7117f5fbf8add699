package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

/**
 * A head that is one linear layer on the backbone's output, which every tool can run.
 *
 * <p>Heads are not asked: one is taken for linear if its parameters are those of a linear layer and
 * its own {@code forward} gives what that layer gives.
 *
 * @param task whose head it is
 * @param weight {@code [C, H]}, FLOAT32, the model's own
 * @param bias {@code [C]}, FLOAT32, the model's own
 */
public record LinearHead(Task task, Tensor weight, Tensor bias) {
    private static final double TOLERANCE = 1e-5;

    /**
     * The linear layer of a task.
     *
     * @throws ConfigurationException if the model has no such task, or its head is something else;
     *     says what
     */
    public static LinearHead of(MultiTaskModel model, String name) {
        if (!model.tasks().containsKey(name)) {
            throw new ConfigurationException(
                    "no head '" + name + "'; this model has " + model.tasks().keySet());
        }
        var task = model.task(name);
        var parameters =
                new TreeSet<>(task.head().parameters().stream().map(ParameterSpec::name).toList());
        if (!parameters.equals(new TreeSet<>(java.util.List.of("bias", "weight")))) {
            throw notLinear(task, "has the parameters " + parameters);
        }
        var own = model.parameters().in(task.prefix());
        var head = new LinearHead(task, own.get("weight"), own.get("bias"));
        long classes = head.bias.shape().length == 1 ? head.bias.size(0) : -1;
        long hidden = model.backboneConfig().hiddenSize();
        if (!Arrays.equals(head.weight.shape(), new long[] {classes, hidden})) {
            throw notLinear(
                    task,
                    "has a weight %s and a bias %s"
                            .formatted(
                                    Arrays.toString(head.weight.shape()),
                                    Arrays.toString(head.bias.shape())));
        }
        if (!head.isAllOf(model)) {
            throw notLinear(task, "computes something else than its weight and bias alone do");
        }
        return head;
    }

    /** The linear layer of a task, if its head is one. */
    static Optional<LinearHead> find(MultiTaskModel model, String name) {
        try {
            return Optional.of(of(model, name));
        } catch (ConfigurationException e) {
            return Optional.empty();
        }
    }

    private static ConfigurationException notLinear(Task task, String what) {
        return new ConfigurationException(
                ("task '%s': its head '%s' %s; only a head that is one linear "
                                + "layer, weight [C, H] and bias [C], can be expressed "
                                + "elsewhere. Tags that are chosen together, as by a CRF, cannot")
                        .formatted(task.name(), task.type(), what));
    }

    /** Runs the head on random vectors, small ones and large ones. */
    private boolean isAllOf(MultiTaskModel model) {
        int hidden = model.backboneConfig().hiddenSize();
        var random = new Random(1);
        var values = new float[4 * hidden];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() * (i < 2 * hidden ? 1 : 100);
        }
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var input =
                    task.head().input() == HeadInput.TOKENS
                            ? Tensors.of(values, 2, 2, hidden)
                            : Tensors.of(values, 4, hidden);
            input = input.to(weight.device());
            var expected = input.linear(weight, bias);
            var got =
                    task.head()
                            .forward(model.parameters().in(task.prefix()), input, Mode.EVALUATION);
            return Arrays.equals(got.shape(), expected.shape())
                    && areClose(got.toFloats(), expected.toFloats());
        } catch (RuntimeException e) {
            return false; // a plugin's, of a head that cannot run on these: surely no linear layer
        }
    }

    private static boolean areClose(float[] got, float[] expected) {
        for (int i = 0; i < got.length; i++) {
            if (!(Math.abs(got[i] - expected[i]) <= TOLERANCE * (1 + Math.abs(expected[i])))) {
                return false;
            }
        }
        return true;
    }
}
