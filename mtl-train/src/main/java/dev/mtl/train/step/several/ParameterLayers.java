package dev.mtl.train.step.several;

import dev.mtl.train.optim.LayerwiseRates;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * The layer of each parameter of a model, from 1 at the bottom. Those above the encoder have {@link
 * #ABOVE}; those of the embeddings, and all whose gradients may be complete last, have 0.
 */
final class ParameterLayers {
    /** The layer of parameters of heads and of what lies between encoder and heads. */
    static final int ABOVE = Integer.MAX_VALUE - 1;

    private final SequencedMap<String, Integer> layers = new LinkedHashMap<>();

    /**
     * Asks for the layers once.
     *
     * @param names of the parameters, in the model's order
     */
    ParameterLayers(Collection<String> names) {
        for (var name : names) {
            boolean above = name.startsWith("heads.") || name.startsWith("readout.");
            layers.put(name, above ? ABOVE : LayerwiseRates.layerOf(name));
        }
    }

    /** The layer of a parameter. */
    int of(String name) {
        return Objects.requireNonNull(layers.get(name), name);
    }

    /** The layers of all parameters, in their order. */
    List<Integer> all() {
        return List.copyOf(layers.values());
    }
}
