package dev.mtl.core.kernel;

import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.layers.GatedLinear;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.core.transformer.layers.QueryKeyValue;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Kernels that make each part once, so that several encoders share it: those that differ in their
 * adapters only.
 */
public final class SharedParts implements Kernels {
    private final Kernels kernels;
    private final Map<Object, Embeddings> embeddings = new HashMap<>();
    private final Map<Object, Linear> linears = new HashMap<>();
    private final Map<Object, QueryKeyValue> projections = new HashMap<>();
    private final Map<Object, GatedLinear> gated = new HashMap<>();
    private final Map<Object, Norm> norms = new HashMap<>();
    private final Map<Object, Tensor> weights = new HashMap<>();

    /** Shares what some kernels make. */
    public SharedParts(Kernels kernels) {
        this.kernels = kernels;
    }

    /** The part of a key, made by {@code make} the first time, which may make others. */
    private static <K, T> T once(Map<Object, T> parts, K key, Function<K, T> make) {
        var known = parts.get(key);
        if (known != null) {
            return known;
        }
        var made = make.apply(key);
        parts.put(key, made);
        return made;
    }

    @Override
    public Embeddings embeddings(Embeddings.Names names) {
        return once(embeddings, names, kernels::embeddings);
    }

    @Override
    public Linear linear(String name, boolean bias) {
        return once(linears, name, key -> kernels.linear(key, bias));
    }

    @Override
    public QueryKeyValue queryKeyValue(List<String> names, boolean bias) {
        return once(projections, names, key -> kernels.queryKeyValue(key, bias));
    }

    @Override
    public GatedLinear gated(List<String> names, boolean gateFirst, boolean bias) {
        return once(gated, names, key -> kernels.gated(key, gateFirst, bias));
    }

    @Override
    public Norm layerNorm(String name, boolean bias, double eps) {
        return once(norms, name, key -> kernels.layerNorm(key, bias, eps));
    }

    @Override
    public Norm rmsNorm(String name, double eps) {
        return once(norms, name, key -> kernels.rmsNorm(key, eps));
    }

    @Override
    public @Nullable Tensor precomputed(Function<Weights, Tensor> computation) {
        return kernels.precomputed(computation);
    }

    @Override
    public Tensor weight(String name) {
        return once(weights, name, kernels::weight);
    }
}
