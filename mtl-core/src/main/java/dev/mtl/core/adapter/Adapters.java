package dev.mtl.core.adapter;

import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The adapters of a model: one that all tasks share, or one for each task. Their weights are
 * parameters of the model, {@code adapters.NAME.LAYER.lora_A.weight} and {@code lora_B}.
 *
 * @param lora their form
 * @param layers that they adapt
 * @param names {@link #SHARED}, or the tasks
 * @param merge whether the model is saved with the shared adapter added to its weights, or beside
 *     them
 */
public record Adapters(
        Lora lora, List<AdaptedLayer> layers, List<String> names, boolean ofTasks, boolean merge) {
    /** What their parameters begin with. */
    public static final String PREFIX = "adapters.";

    /** The name of the adapter that all tasks share; PEFT's. */
    public static final String SHARED = "default";

    static final String A = ".lora_A.weight";
    static final String B = ".lora_B.weight";

    public Adapters {
        layers = List.copyOf(layers);
        names = List.copyOf(names);
    }

    static String prefix(String adapter) {
        return PREFIX + adapter;
    }

    /** Their parameters, drawn as PEFT draws them: A as a linear layer, B is zero. */
    public List<ParameterSpec> specs() {
        var specs = new ArrayList<ParameterSpec>();
        for (var adapter : names) {
            for (var layer : layers) {
                var name = prefix(adapter) + "." + layer.name();
                specs.add(
                        new ParameterSpec(
                                name + A,
                                new long[] {lora.rank(), layer.inputs()},
                                new Initializer.Uniform(layer.inputs())));
                specs.add(
                        new ParameterSpec(
                                name + B,
                                new long[] {layer.outputs(), lora.rank()},
                                new Initializer.Constant(0)));
            }
        }
        return specs;
    }

    /** The adapter that a task reads the encoder through. */
    public String of(String task) {
        return ofTasks ? task : SHARED;
    }

    /**
     * A weight with an adapter added.
     *
     * @param parameters of the model
     * @param weight the name of a weight of the encoder
     * @return {@code W + alpha / rank * B A}, owned by the innermost scope; the tensor itself where
     *     the adapter has nothing to add
     */
    public Tensor merged(Parameters parameters, String adapter, String weight) {
        var own = parameters.get(weight);
        for (var layer : layers) {
            if (weight.equals(layer.name() + ".weight")) {
                var matrices = parameters.in(prefix(adapter));
                return own.add(
                        product(
                                lora,
                                matrices.get(layer.name() + A),
                                matrices.get(layer.name() + B)));
            }
        }
        return own;
    }

    /** All of the model's parameters, with an adapter added to the weights that it adapts. */
    public Parameters merged(Parameters parameters, String adapter) {
        var merged = new LinkedHashMap<String, Tensor>();
        try (var _ = Autograd.noGrad()) {
            for (var name : parameters.names()) {
                merged.put(name, merged(parameters, adapter, name));
            }
        }
        return new Parameters(merged);
    }

    static Tensor product(Lora lora, Tensor a, Tensor b) {
        return b.matmul(a).mul(lora.scale());
    }
}
