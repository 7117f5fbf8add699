package dev.mtl.core.kernel;

import dev.mtl.core.nn.Parameters;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.layers.GatedLinear;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.core.transformer.layers.QueryKeyValue;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.kernels.MkldnnLinear;
import dev.mtl.torch.kernels.MkldnnWeight;

import org.jspecify.annotations.Nullable;

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
    public Linear linear(String name, boolean bias) {
        return fused(name, bias);
    }

    private FusedLinear fused(String name, boolean bias) {
        return fused(weight(name + ".weight"), bias ? weight(name + ".bias") : null);
    }

    private static FusedLinear fused(Tensor weight, @Nullable Tensor bias) {
        return new FusedLinear.Float32(MkldnnWeight.plain(weight), bias);
    }

    @Override
    public QueryKeyValue queryKeyValue(List<String> names, boolean bias) {
        long keyWidth =
                names.size() == 1
                        ? weight(names.getFirst() + ".weight").size(0) / 3
                        : weight(names.get(1) + ".weight").size(0);
        return FusedProjections.of(
                names.stream().map(name -> fused(name, bias)).toList(), keyWidth);
    }

    @Override
    public GatedLinear gated(List<String> names, boolean gateFirst, boolean bias) {
        int gate = gateFirst ? 0 : 1;
        if (names.size() > 1) {
            return new FusedGatedLinear(
                    fused(names.get(1 - gate), bias), fused(names.get(gate), bias));
        }
        var weight = weight(names.getFirst() + ".weight");
        var biases = bias ? weight(names.getFirst() + ".bias") : null;
        return (input, activation) -> {
            try (var scope = TensorScope.open()) {
                var halves =
                        new FusedGatedLinear(
                                half(weight, biases, 1 - gate), half(weight, biases, gate));
                return scope.moveOut(halves.apply(input, activation));
            }
        };
    }

    /**
     * The first or the second half of a layer's outputs, on views that see changes of the layer.
     */
    private static FusedLinear half(Tensor weight, @Nullable Tensor bias, int which) {
        long outputs = weight.size(0) / 2;
        long from = which * outputs;
        return fused(
                weight.slice(0, from, from + outputs),
                bias == null ? null : bias.slice(0, from, from + outputs));
    }

    @Override
    public Norm layerNorm(String name, boolean bias, double eps) {
        return new InPlaceNorm(weight(name + ".weight"), bias ? weight(name + ".bias") : null, eps);
    }

    @Override
    public Norm rmsNorm(String name, double eps) {
        return new RmsNorm.InPlace(weight(name + ".weight"), eps);
    }

    @Override
    public Tensor weight(String name) {
        return parameters.get(name);
    }
}
