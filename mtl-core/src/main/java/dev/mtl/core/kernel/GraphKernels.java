package dev.mtl.core.kernel;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.transformer.Activation;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.Linear;
import dev.mtl.core.transformer.Norm;
import dev.mtl.core.transformer.QueryKeyValue;
import dev.mtl.torch.Autocast;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.kernels.MkldnnInput;
import dev.mtl.torch.kernels.MkldnnLinear;

import java.util.List;

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
        return new TableEmbeddings(
                kernels.weight(names.words()),
                types == null ? null : kernels.weight(types),
                positions == null ? null : kernels.weight(positions),
                names.firstPosition(),
                kernels.layerNorm(names.norm(), names.eps()),
                names.dropout());
    }

    @Override
    public Linear linear(String name) {
        return graphLinear(name);
    }

    private GraphLinear graphLinear(String name) {
        return new GraphLinear(weight(name + ".weight"), weight(name + ".bias"));
    }

    @Override
    public QueryKeyValue queryKeyValue(String query, String key, String value) {
        return new Projections(List.of(graphLinear(query), graphLinear(key), graphLinear(value)));
    }

    @Override
    public Norm layerNorm(String name, double eps) {
        return new GraphLayerNorm(weight(name + ".weight"), weight(name + ".bias"), eps);
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

    private record GraphLinear(Tensor weight, Tensor bias) implements Linear {
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

    private record GraphLayerNorm(Tensor weight, Tensor bias, double eps) implements Norm {
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
