package dev.mtl.core.pooling.modules;

import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear layer with an activation function, as sentence-transformers' module {@code Dense}.
 *
 * @param inFeatures the length of its input
 * @param outFeatures the length of its output
 * @param bias whether it has a bias
 * @param activation after the layer
 * @param residual whether its input is added to the output, through a layer of its own if their
 *     lengths differ
 */
public record Dense(
        int inFeatures, int outFeatures, boolean bias, Activation activation, boolean residual) {
    private static final String WEIGHT = "linear.weight";
    private static final String BIAS = "linear.bias";
    private static final String RESIDUAL = "residual.weight";

    /** An activation function, by its class in PyTorch. */
    public enum Activation {
        IDENTITY("torch.nn.modules.linear.Identity"),
        TANH("torch.nn.modules.activation.Tanh"),
        RELU("torch.nn.modules.activation.ReLU"),
        GELU("torch.nn.modules.activation.GELU"),
        SILU("torch.nn.modules.activation.SiLU"),
        SIGMOID("torch.nn.modules.activation.Sigmoid");

        private final String torchName;

        Activation(String torchName) {
            this.torchName = torchName;
        }

        String torchName() {
            return torchName;
        }

        private Tensor apply(Tensor tensor) {
            return switch (this) {
                case IDENTITY -> tensor;
                case TANH -> tensor.tanh();
                case RELU -> tensor.relu();
                case GELU -> tensor.gelu();
                case SILU -> tensor.silu();
                case SIGMOID -> tensor.sigmoid();
            };
        }
    }

    /** Whether the residual goes through a layer. */
    public boolean hasResidualLayer() {
        return residual && inFeatures != outFeatures;
    }

    /** The parameters, by their names in the module's file. */
    List<ParameterSpec> specs() {
        var initializer = new Initializer.Uniform(inFeatures);
        var matrix = new long[] {outFeatures, inFeatures};
        var specs = new ArrayList<ParameterSpec>();
        specs.add(new ParameterSpec(WEIGHT, matrix, initializer));
        if (bias) {
            specs.add(new ParameterSpec(BIAS, new long[] {outFeatures}, initializer));
        }
        if (hasResidualLayer()) {
            specs.add(new ParameterSpec(RESIDUAL, matrix, initializer));
        }
        return specs;
    }

    /**
     * Applies the layer.
     *
     * @param weights by the names of {@link #specs}
     * @param input {@code [B, inFeatures]}
     * @return {@code [B, outFeatures]}, owned by the innermost scope
     */
    Tensor apply(Parameters weights, Tensor input) {
        var output =
                activation.apply(
                        input.linear(weights.get(WEIGHT), bias ? weights.get(BIAS) : null));
        if (!residual) {
            return output;
        }
        return output.add(hasResidualLayer() ? input.linear(weights.get(RESIDUAL), null) : input);
    }
}
