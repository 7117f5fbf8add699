package dev.mtl.core.adapter;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.layers.Activation;
import dev.mtl.core.transformer.layers.GatedLinear;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.core.transformer.layers.QueryKeyValue;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Kernels whose linear layers have an adapter beside their weights, which stay as they are. */
public final class LoraKernels implements Kernels {
    private final Kernels base;
    private final Adapters adapters;
    private final Parameters matrices;
    private final Mode mode;

    /**
     * Adds an adapter to kernels.
     *
     * @param base on the weights of the encoder
     * @param parameters with those of the adapter; they outlive the parts
     * @param adapter its name
     * @param mode of every pass, which decides on the adapter's dropout
     */
    public LoraKernels(
            Kernels base, Adapters adapters, Parameters parameters, String adapter, Mode mode) {
        this.base = base;
        this.adapters = adapters;
        this.matrices = parameters.in(Adapters.prefix(adapter));
        this.mode = mode;
    }

    /** What an adapter adds to a layer: {@code scale * dropout(x) A' B'}, {@code [T, out]}. */
    private record Addition(Tensor a, Tensor b, Lora lora, Mode mode) {
        Tensor of(Tensor input) {
            return mode.dropout(input, lora.dropout())
                    .linear(a, null)
                    .linear(b, null)
                    .mul(lora.scale());
        }
    }

    private @Nullable Addition addition(String layer) {
        return matrices.has(layer + Adapters.A)
                ? new Addition(
                        matrices.get(layer + Adapters.A),
                        matrices.get(layer + Adapters.B),
                        adapters.lora(),
                        mode)
                : null;
    }

    @Override
    public Embeddings embeddings(Embeddings.Names names) {
        return base.embeddings(names);
    }

    @Override
    public Linear linear(String name, boolean bias) {
        var linear = base.linear(name, bias);
        var addition = addition(name);
        return addition == null ? linear : new AdaptedLinear(linear, addition);
    }

    @Override
    public QueryKeyValue queryKeyValue(List<String> names, boolean bias) {
        var projections = base.queryKeyValue(names, bias);
        var additions = names.stream().<@Nullable Addition>map(this::addition).toList();
        if (additions.stream().allMatch(addition -> addition == null)) {
            return projections;
        }
        return projections instanceof QueryKeyValue.Joint joint
                ? new AdaptedJoint(joint, additions)
                : new AdaptedProjections(projections, additions);
    }

    @Override
    public GatedLinear gated(List<String> names, boolean gateFirst, boolean bias) {
        if (names.stream().allMatch(name -> addition(name) == null)) {
            return base.gated(names, gateFirst, bias);
        }
        var all = names.stream().map(name -> linear(name, bias)).toList();
        return (input, activation) -> {
            try (var scope = TensorScope.open()) {
                var both =
                        all.size() == 1
                                ? columns(all.getFirst().apply(input), 2)
                                : all.stream().map(linear -> linear.apply(input)).toList();
                int activated = gateFirst ? 1 : 0;
                return scope.moveOut(
                        activation.apply(both.get(activated)).mul(both.get(1 - activated)));
            }
        };
    }

    @Override
    public Norm layerNorm(String name, boolean bias, double eps) {
        return base.layerNorm(name, bias, eps);
    }

    @Override
    public Norm rmsNorm(String name, double eps) {
        return base.rmsNorm(name, eps);
    }

    @Override
    public Tensor weight(String name) {
        return base.weight(name);
    }

    /** Views of as many equal parts of the columns. */
    private static List<Tensor> columns(Tensor joint, int count) {
        long width = joint.size(1) / count;
        return LongStream.range(0, count)
                .mapToObj(i -> joint.slice(1, i * width, (i + 1) * width))
                .toList();
    }

    /** What is added to queries, keys and values; null for nothing. */
    private static List<@Nullable Tensor> parts(List<@Nullable Addition> additions, Tensor input) {
        if (additions.size() == 1) {
            var all = additions.getFirst();
            return List.<@Nullable Tensor>copyOf(columns(Objects.requireNonNull(all).of(input), 3));
        }
        return additions.stream()
                .<@Nullable Tensor>map(addition -> addition == null ? null : addition.of(input))
                .toList();
    }

    private record AdaptedLinear(Linear base, Addition addition) implements Linear {
        @Override
        public Tensor apply(Tensor input) {
            try (var scope = TensorScope.open()) {
                return scope.moveOut(base.apply(input).add(addition.of(input)));
            }
        }

        @Override
        public Tensor apply(Tensor input, Activation activation) {
            try (var product = apply(input)) {
                return activation.apply(product);
            }
        }

        @Override
        public Tensor addTo(Tensor residual, Tensor input, double dropout, Mode mode) {
            try (var scope = TensorScope.open()) {
                return scope.moveOut(mode.dropout(apply(input), dropout).add(residual));
            }
        }
    }

    private record AdaptedProjections(QueryKeyValue base, List<@Nullable Addition> additions)
            implements QueryKeyValue {
        @Override
        public List<Tensor> separate(Tensor input) {
            return added(base.separate(input), parts(additions, input));
        }
    }

    private static List<Tensor> added(List<Tensor> separate, List<@Nullable Tensor> parts) {
        return IntStream.range(0, separate.size())
                .mapToObj(
                        i -> {
                            var part = parts.get(i);
                            return part == null ? separate.get(i) : separate.get(i).add(part);
                        })
                .toList();
    }

    private record AdaptedJoint(QueryKeyValue.Joint base, List<@Nullable Addition> additions)
            implements QueryKeyValue.Joint {
        @Override
        public List<Tensor> separate(Tensor input) {
            return added(base.separate(input), parts(additions, input));
        }

        /** Views of queries, of the width of the input, and of keys and values. */
        private static List<Tensor> places(Tensor joint, long queries) {
            long others = (joint.size(1) - queries) / 2;
            return List.of(
                    joint.slice(1, 0, queries),
                    joint.slice(1, queries, queries + others),
                    joint.slice(1, queries + others, queries + 2 * others));
        }

        @Override
        public Tensor joint(Tensor input) {
            try (var scope = TensorScope.open()) {
                var joint = base.joint(input);
                var places = places(joint, input.size(1));
                var parts = parts(additions, input);
                for (int i = 0; i < 3; i++) {
                    var part = parts.get(i);
                    if (part != null) {
                        places.get(i).copyFrom(places.get(i).add(part));
                    }
                }
                return scope.moveOut(joint);
            }
        }
    }
}
