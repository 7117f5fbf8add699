package dev.mtl.core.kernel;

import dev.mtl.core.nn.Parameters;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.Linear;
import dev.mtl.core.transformer.Norm;
import dev.mtl.core.transformer.QueryKeyValue;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.kernels.MkldnnLinear;
import dev.mtl.torch.kernels.MkldnnWeight;

import java.util.List;

/**
 * Fused CPU kernels on weights as they are, without a graph: for inference with a model that is
 * being trained. In-place changes of the weights take effect.
 */
public final class FusedKernels implements Kernels {
    private final Parameters parameters;

    private FusedKernels(Parameters parameters) {
        this.parameters = parameters;
    }

    /**
     * The kernels for inference on weights that may change.
     *
     * @param parameters on {@code device}; they belong to a scope that outlives the parts
     * @return fused ones where this LibTorch has them, on a CPU
     */
    public static Kernels orGraph(Parameters parameters, Device device) {
        return device.isCpu() && MkldnnLinear.isAvailable()
                ? new FusedKernels(parameters)
                : new GraphKernels(parameters);
    }

    @Override
    public Embeddings embeddings(Embeddings.Names names) {
        return GraphKernels.tables(names, this);
    }

    @Override
    public Linear linear(String name) {
        return fused(name);
    }

    private FusedLinear fused(String name) {
        return new FusedLinear.Float32(
                MkldnnWeight.plain(weight(name + ".weight")), weight(name + ".bias"));
    }

    @Override
    public QueryKeyValue queryKeyValue(String query, String key, String value) {
        return FusedProjections.of(List.of(fused(query), fused(key), fused(value)));
    }

    @Override
    public Norm layerNorm(String name, double eps) {
        return new InPlaceNorm(weight(name + ".weight"), weight(name + ".bias"), eps);
    }

    @Override
    public Tensor weight(String name) {
        return parameters.get(name);
    }
}
