package dev.mtl.core.head.mix;

import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A head that reads a learned mix of layers in the place of the last one. The mix has the
 * parameters {@code layer_mix.weights} {@code [L]}, zeros at first, so that all layers count the
 * same, and {@code layer_mix.gamma} {@code [1]}.
 *
 * @param mix as the configuration says it
 * @param layers the numbers of the layers
 * @param depth the number of the backbone's last layer
 */
public record LayerMixHead<T>(TaskHead<T> head, LayerMix mix, List<Integer> layers, int depth)
        implements ForwardingHead<T> {
    private static final String WEIGHTS = "layer_mix.weights";
    private static final String GAMMA = "layer_mix.gamma";

    /**
     * A head on a backbone.
     *
     * @param depth of the backbone: the number of its last layer
     * @throws IllegalArgumentException if the backbone lacks layers of the mix
     */
    public static <T> LayerMixHead<T> of(TaskHead<T> head, LayerMix mix, int depth) {
        return new LayerMixHead<>(head, mix, mix.of(depth), depth);
    }

    @Override
    public List<ParameterSpec> parameters() {
        var all = new ArrayList<>(head.parameters());
        all.add(
                new ParameterSpec(
                        WEIGHTS, new long[] {layers.size()}, new Initializer.Constant(0)));
        all.add(new ParameterSpec(GAMMA, new long[] {1}, new Initializer.Constant(1)));
        return all;
    }

    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        var shares = parameters.get(WEIGHTS).softmax(0).mul(parameters.get(GAMMA));
        return head.forward(parameters, ((LayerInputs) inputs).mixed(shares, layers, depth), mode);
    }

    /** A mix is not in what is exported. */
    @Override
    public Optional<LinearForm> linear() {
        return Optional.empty();
    }
}
