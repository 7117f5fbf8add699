package dev.mtl.core.transformer;

import dev.mtl.core.transformer.layers.GatedLinear;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.core.transformer.layers.QueryKeyValue;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Function;

/**
 * Makes an encoder's parts out of weights with names, and so decides how each part is computed.
 * Names are looked up when a part is made, not in each pass. An arrangement asks for its parts from
 * the embeddings upward.
 */
public interface Kernels {
    /** The embeddings of tokens. */
    Embeddings embeddings(Embeddings.Names names);

    /** The linear layer of {@code name.weight} {@code [out, in]} and {@code name.bias}. */
    default Linear linear(String name) {
        return linear(name, true);
    }

    /**
     * A linear layer.
     *
     * @param bias whether there is {@code name.bias} beside {@code name.weight}
     */
    Linear linear(String name, boolean bias);

    /** Three linear layers from H to H on the same input. */
    default QueryKeyValue queryKeyValue(String query, String key, String value) {
        return queryKeyValue(List.of(query, key, value), true);
    }

    /**
     * The projections of attention.
     *
     * @param names of three linear layers, of which those of keys and values have the same width,
     *     or of one with the outputs of all three: {@code [3 * H, H]}
     * @param bias whether they have biases
     */
    QueryKeyValue queryKeyValue(List<String> names, boolean bias);

    /**
     * A linear layer and its gate.
     *
     * @param names of two linear layers, or of one with the outputs of both: {@code [2 * out, in]}
     * @param gateFirst whether the gate stands before the layer with the activation
     * @param bias whether they have biases
     */
    GatedLinear gated(List<String> names, boolean gateFirst, boolean bias);

    /** The layer normalization of {@code name.weight} {@code [H]} and {@code name.bias}. */
    default Norm layerNorm(String name, double eps) {
        return layerNorm(name, true, eps);
    }

    /**
     * A layer normalization.
     *
     * @param bias whether there is {@code name.bias} beside {@code name.weight}
     */
    Norm layerNorm(String name, boolean bias, double eps);

    /** The normalization by the root mean square of {@code name.weight} {@code [H]}. */
    Norm rmsNorm(String name, double eps);

    /**
     * A tensor that is computed of weights, if they do not change.
     *
     * @param computation called at once, or not at all
     * @return lives as long as the parts; null if weights may change
     */
    default @Nullable Tensor precomputed(Function<Weights, Tensor> computation) {
        return null;
    }

    /** Weights by name. */
    @FunctionalInterface
    interface Weights {
        /** A weight as it is in the file. */
        Tensor get(String name);
    }

    /** Another weight as it is in the file; lives as long as the parts. */
    Tensor weight(String name);
}
