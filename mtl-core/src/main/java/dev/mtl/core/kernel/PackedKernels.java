package dev.mtl.core.kernel;

import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.layers.GatedLinear;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.core.transformer.layers.QueryKeyValue;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.Int8Linear;
import dev.mtl.torch.kernels.MkldnnLinear;
import dev.mtl.torch.kernels.MkldnnWeight;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Fused CPU kernels on weights that are packed for them while they are read: in the kernels' memory
 * layout, query, key and value as one matrix; in FLOAT32 or in 8-bit integers. The original of a
 * weight is in memory only until it is packed.
 */
public final class PackedKernels implements Kernels {
    private final WeightSource source;
    private final Packing packing;
    private final TensorScope owner;

    /** Where weights are read. */
    public interface WeightSource {
        /**
         * Reads a weight.
         *
         * @return FLOAT32 in main memory, owned by the innermost scope
         */
        Tensor read(String name);

        /**
         * A table {@code [vocabulary, H]} whose rows are read from the file in each pass.
         *
         * @return empty if it cannot be, and has to be in memory
         */
        Optional<WordEmbeddingTable> rows(String name);
    }

    /** Packs the weight and the bias of a layer. */
    @FunctionalInterface
    private interface Packing {
        FusedLinear pack(Tensor weight, @Nullable Tensor bias);
    }

    private PackedKernels(WeightSource source, Packing packing, TensorScope owner) {
        this.source = source;
        this.packing = packing;
        this.owner = owner;
    }

    /**
     * FLOAT32, for a LibTorch that has oneDNN ({@link MkldnnLinear#isAvailable}).
     *
     * @param source must stay open as long as the parts are used
     * @param owner takes the packed weights
     */
    public static PackedKernels float32(WeightSource source, TensorScope owner) {
        return new PackedKernels(
                source,
                (weight, bias) -> new FusedLinear.Float32(MkldnnWeight.pack(weight, owner), bias),
                owner);
    }

    /**
     * 8-bit integers in the linear layers, for a LibTorch that has them ({@link
     * Int8Linear#isAvailable}).
     *
     * @param source must stay open as long as the parts are used
     * @param owner takes the quantized weights
     */
    public static PackedKernels int8(WeightSource source, TensorScope owner) {
        return new PackedKernels(
                source,
                (weight, bias) -> new FusedLinear.Int8(Int8Linear.quantize(weight, owner), bias),
                owner);
    }

    @Override
    public Embeddings embeddings(Embeddings.Names names) {
        return source.rows(names.words())
                .<Embeddings>map(words -> CpuEmbeddings.of(words, names, this))
                .orElseGet(() -> GraphKernels.tables(names, this));
    }

    @Override
    public Linear linear(String name, boolean bias) {
        return pack(List.of(name), bias);
    }

    @Override
    public QueryKeyValue queryKeyValue(List<String> names, boolean bias) {
        long keyWidth;
        FusedLinear packed;
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var weights = names.stream().map(name -> source.read(name + ".weight")).toList();
            keyWidth =
                    weights.size() == 1 ? weights.getFirst().size(0) / 3 : weights.get(1).size(0);
            packed = pack(joined(weights), names, bias);
        }
        return FusedProjections.of(List.of(packed), keyWidth);
    }

    @Override
    public GatedLinear gated(List<String> names, boolean gateFirst, boolean bias) {
        int gate = gateFirst ? 0 : 1;
        if (names.size() > 1) {
            return new FusedGatedLinear(
                    pack(List.of(names.get(1 - gate)), bias), pack(List.of(names.get(gate)), bias));
        }
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var weight = read(names, ".weight");
            var biases = bias ? read(names, ".bias") : null;
            return new FusedGatedLinear(half(weight, biases, 1 - gate), half(weight, biases, gate));
        }
    }

    /** The first or the second half of a layer's outputs as a layer. */
    private FusedLinear half(Tensor weight, @Nullable Tensor bias, int which) {
        long outputs = weight.size(0) / 2;
        long from = which * outputs;
        return packing.pack(
                weight.slice(0, from, from + outputs),
                bias == null ? null : owner.take(bias.slice(0, from, from + outputs).copy()));
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
        try (var _ = TensorScope.open()) {
            return owner.take(source.read(name));
        }
    }

    @Override
    public Tensor precomputed(Function<Weights, Tensor> computation) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            return owner.take(computation.apply(source::read));
        }
    }

    /** Layers on the same input as one with all outputs. */
    private FusedLinear pack(List<String> layers, boolean bias) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            return pack(read(layers, ".weight"), layers, bias);
        }
    }

    private FusedLinear pack(Tensor weight, List<String> layers, boolean bias) {
        return packing.pack(weight, bias ? owner.take(read(layers, ".bias")) : null);
    }

    private Tensor read(List<String> layers, String kind) {
        return joined(layers.stream().map(layer -> source.read(layer + kind)).toList());
    }

    private static Tensor joined(List<Tensor> tensors) {
        return tensors.size() == 1 ? tensors.getFirst() : Tensors.cat(tensors, 0);
    }
}
