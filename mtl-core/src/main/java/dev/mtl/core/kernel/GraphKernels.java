package dev.mtl.core.kernel;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.layers.Activation;
import dev.mtl.core.transformer.layers.GatedLinear;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.core.transformer.layers.QueryKeyValue;
import dev.mtl.torch.Autocast;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.kernels.MkldnnInput;
import dev.mtl.torch.kernels.MkldnnLinear;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.LongStream;

/**
 * Operators that record an autograd graph, on any device: for training, and for inference where the
 * fused kernels are not available. Linear layers run on oneDNN where that is faster than the BLAS.
 */
public final class GraphKernels implements Kernels {
    private final Parameters parameters;

    /**
     * Kernels on some weights.
     *
     * @param parameters of one device; they belong to a scope that outlives the parts
     */
    public GraphKernels(Parameters parameters) {
        this.parameters = parameters;
    }

    @Override
    public Embeddings embeddings(Embeddings.Names names) {
        return tables(names, this);
    }

    /** Embeddings by operators, whatever the kernels of the other parts. */
    static TableEmbeddings tables(Embeddings.Names names, Kernels kernels) {
        var types = names.types();
        var positions = names.positions();
        var projection = names.projection();
        return new TableEmbeddings(
                kernels.weight(names.words()),
                types == null ? null : kernels.weight(types),
                positions == null ? null : kernels.weight(positions),
                names.firstPosition(),
                projection == null ? null : kernels.linear(projection, false),
                norm(names, kernels),
                names.dropout());
    }

    /** Of embeddings; null for none. */
    static @Nullable Norm norm(Embeddings.Names names, Kernels kernels) {
        var name = names.norm();
        return name == null ? null : kernels.layerNorm(name, names.normBias(), names.eps());
    }

    @Override
    public Linear linear(String name, boolean bias) {
        return graphLinear(name, bias);
    }

    private GraphLinear graphLinear(String name, boolean bias) {
        return new GraphLinear(weight(name + ".weight"), bias ? weight(name + ".bias") : null);
    }

    @Override
    public QueryKeyValue queryKeyValue(List<String> names, boolean bias) {
        var all = names.stream().map(name -> graphLinear(name, bias)).toList();
        return all.size() == 1
                ? input -> parts(all.getFirst().apply(input), 3)
                : new Projections(all);
    }

    @Override
    public GatedLinear gated(List<String> names, boolean gateFirst, boolean bias) {
        var all = names.stream().map(name -> graphLinear(name, bias)).toList();
        return new Gated(
                all.size() == 1
                        ? input -> parts(all.getFirst().apply(input), 2)
                        : new Projections(all),
                gateFirst ? 0 : 1);
    }

    /** A tensor cut into views of as many columns. */
    static List<Tensor> parts(Tensor joint, int count) {
        long width = joint.size(1) / count;
        return LongStream.range(0, count)
                .mapToObj(i -> joint.slice(1, i * width, (i + 1) * width))
                .toList();
    }

    @Override
    public Norm layerNorm(String name, boolean bias, double eps) {
        return new GraphLayerNorm(
                weight(name + ".weight"), bias ? weight(name + ".bias") : null, eps);
    }

    @Override
    public Norm rmsNorm(String name, double eps) {
        return new RmsNorm(weight(name + ".weight"), eps);
    }

    @Override
    public Tensor weight(String name) {
        return parameters.get(name);
    }

    private static boolean isByMkldnn(Tensor input) {
        return input.device().isCpu()
                && input.dtype() == DType.FLOAT32
                && !Autocast.isOpen()
                && MkldnnLinear.isFasterForTraining();
    }

    private record GraphLinear(Tensor weight, @Nullable Tensor bias) implements Linear {
        @Override
        public Tensor apply(Tensor input) {
            if (!isByMkldnn(input)) {
                return input.linear(weight, bias);
            }
            try (var converted = MkldnnLinear.toMkldnn(input)) {
                return applyToMkldnn(converted);
            }
        }

        Tensor applyToMkldnn(MkldnnInput input) {
            return MkldnnLinear.forward(input, weight, bias);
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

    private record Projections(List<GraphLinear> all) implements QueryKeyValue {
        @Override
        public List<Tensor> separate(Tensor input) {
            if (!isByMkldnn(input)) {
                return all.stream().map(linear -> linear.apply(input)).toList();
            }
            try (var converted = MkldnnLinear.toMkldnn(input)) {
                return all.stream().map(linear -> linear.applyToMkldnn(converted)).toList();
            }
        }
    }

    private record Gated(QueryKeyValue projections, int gate) implements GatedLinear {
        @Override
        public Tensor apply(Tensor input, Activation activation) {
            try (var scope = TensorScope.open()) {
                var both = projections.separate(input);
                var activated = activation.apply(both.get(1 - gate));
                return scope.moveOut(activated.mul(both.get(gate)));
            }
        }
    }

    private record GraphLayerNorm(Tensor weight, @Nullable Tensor bias, double eps)
            implements Norm {
        @Override
        public Tensor apply(Tensor input) {
            return input.layerNorm(weight, bias, eps);
        }

        @Override
        public Tensor replace(Tensor input) {
            try (input) {
                return apply(input);
            }
        }
    }
}
