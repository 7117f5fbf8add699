package dev.mtl.core.kernel;

import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.Linear;
import dev.mtl.core.transformer.Norm;
import dev.mtl.core.transformer.QueryKeyValue;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.Int8Linear;
import dev.mtl.torch.kernels.MkldnnLinear;
import dev.mtl.torch.kernels.MkldnnWeight;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Fused CPU kernels on weights that are packed for them while they are read: in the kernels' memory
 * layout, query, key and value as one matrix; in FLOAT32 or in 8-bit integers. The original of a
 * weight is in memory only until it is packed.
 */
public final class PackedKernels implements Kernels {
    private final WeightSource source;
    private final BiFunction<Tensor, Tensor, FusedLinear> packing;
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

    private PackedKernels(
            WeightSource source,
            BiFunction<Tensor, Tensor, FusedLinear> packing,
            TensorScope owner) {
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
                (weight, bias) ->
                        new FusedLinear.Float32(MkldnnWeight.pack(weight, owner), owner.take(bias)),
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
                (weight, bias) ->
                        new FusedLinear.Int8(Int8Linear.quantize(weight, owner), owner.take(bias)),
                owner);
    }

    @Override
    public Embeddings embeddings(Embeddings.Names names) {
        return source.rows(names.words())
                .<Embeddings>map(words -> CpuEmbeddings.of(words, names, this))
                .orElseGet(() -> GraphKernels.tables(names, this));
    }

    @Override
    public Linear linear(String name) {
        return pack(List.of(name));
    }

    @Override
    public QueryKeyValue queryKeyValue(String query, String key, String value) {
        return FusedProjections.of(List.of(pack(List.of(query, key, value))));
    }

    @Override
    public Norm layerNorm(String name, double eps) {
        return new InPlaceNorm(weight(name + ".weight"), weight(name + ".bias"), eps);
    }

    @Override
    public Tensor weight(String name) {
        try (var _ = TensorScope.open()) {
            return owner.take(source.read(name));
        }
    }

    /** Layers on the same input as one with all outputs. */
    private FusedLinear pack(List<String> layers) {
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            return packing.apply(read(layers, ".weight"), read(layers, ".bias"));
        }
    }

    private Tensor read(List<String> layers, String kind) {
        var tensors = layers.stream().map(layer -> source.read(layer + kind)).toList();
        return tensors.size() == 1 ? tensors.getFirst() : Tensors.cat(tensors, 0);
    }
}
