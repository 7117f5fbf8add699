package dev.mtl.core.adapter;

import dev.mtl.core.nn.ParameterSpec;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * A linear layer of an encoder.
 *
 * @param name without {@code .weight}, as this library calls it
 * @param hfName the same in the files of transformers
 */
public record AdaptedLayer(String name, String hfName, int inputs, int outputs) {
    private static final String LAYERS = "encoder.layer.";
    private static final String WEIGHT = ".weight";

    /** The linear layers of an encoder's layers; not its tables. */
    static List<AdaptedLayer> linear(List<ParameterSpec> weights, UnaryOperator<String> hfName) {
        var layers = new ArrayList<AdaptedLayer>();
        for (var spec : weights) {
            var shape = spec.shape();
            if (spec.name().startsWith(LAYERS)
                    && spec.name().endsWith(WEIGHT)
                    && shape.length == 2) {
                layers.add(
                        new AdaptedLayer(
                                layerOf(spec.name()),
                                layerOf(hfName.apply(spec.name())),
                                Math.toIntExact(shape[1]),
                                Math.toIntExact(shape[0])));
            }
        }
        return layers;
    }

    private static String layerOf(String weight) {
        return weight.substring(0, weight.length() - WEIGHT.length());
    }

    /**
     * Whether it has a name, or its name ends with one, as PEFT compares {@code target_modules}.
     */
    boolean isNamed(String target) {
        return name.equals(target)
                || hfName.equals(target)
                || name.endsWith("." + target)
                || hfName.endsWith("." + target);
    }

    /** What users call it: the ends of its names. */
    Set<String> shortNames() {
        return new TreeSet<>(List.of(last(name), last(hfName)));
    }

    private static String last(String dotted) {
        return dotted.substring(dotted.lastIndexOf('.') + 1);
    }
}
