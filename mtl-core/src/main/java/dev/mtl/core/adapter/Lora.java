package dev.mtl.core.adapter;

import dev.mtl.core.nn.ParameterSpec;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Low-rank adaptation (Hu et al. 2021, arXiv 2106.09685): a linear layer W {@code [out, in]} that
 * does not train becomes {@code W + alpha / rank * B A}, where A {@code [rank, in]} and B {@code
 * [out, rank]} train.
 *
 * @param rank of the product
 * @param alpha what the product is multiplied by, times the rank
 * @param targets the layers that are adapted, by the ends of their names, such as {@code query};
 *     {@link #ALL_LINEAR} for all
 * @param dropout of what A reads, while training
 */
public record Lora(int rank, double alpha, List<String> targets, double dropout) {
    /** The target that stands for every linear layer, as in PEFT. */
    public static final String ALL_LINEAR = "all-linear";

    public Lora {
        targets = List.copyOf(targets);
        if (rank < 1) {
            throw new IllegalArgumentException("rank is " + rank + ", it must be at least 1");
        }
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException(
                    "alpha is " + alpha + ", it must be above 0 and finite");
        }
        if (targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "targets is empty; name layers, such as [query, value], or [all-linear]");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is " + dropout + ", it must be in [0, 1)");
        }
    }

    /** What {@code B A} is multiplied by. */
    public double scale() {
        return alpha / rank;
    }

    /**
     * The layers of an encoder that are adapted.
     *
     * @param weights of the encoder
     * @param hfName the name in files of a weight's name; targets may be of either
     * @throws IllegalArgumentException for a target that is no layer; names those that are
     */
    public List<AdaptedLayer> layers(List<ParameterSpec> weights, UnaryOperator<String> hfName) {
        var layers = new ArrayList<AdaptedLayer>();
        var ends = new TreeSet<String>();
        var missing = new ArrayList<>(targets);
        missing.remove(ALL_LINEAR);
        for (var layer : AdaptedLayer.linear(weights, hfName)) {
            boolean adapted = targets.contains(ALL_LINEAR);
            for (var target : targets) {
                if (layer.isNamed(target)) {
                    adapted = true;
                    missing.remove(target);
                }
            }
            ends.addAll(layer.shortNames());
            if (adapted) {
                layers.add(layer);
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    "targets has '%s', which is no linear layer of this encoder; known: %s, %s"
                            .formatted(missing.getFirst(), String.join(", ", ends), ALL_LINEAR));
        }
        return layers;
    }
}
