package dev.mtl.core.bert;

import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.Int8Linear;
import dev.mtl.torch.kernels.MkldnnLinear;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A BERT's weights laid out once for passes without a graph. On a CPU that is query, key and value
 * as one matrix, every matrix in the order that the kernels read it, and the word embeddings left
 * in their file, which is open until this is closed.
 */
public final class PackedWeights implements AutoCloseable {
    /** The layer that stands for query, key and value, in this order. */
    static final String ALL_THREE = "query_key_value";

    private static final String SCALE = ".scale";
    private static final String ZERO_POINT = ".zero_point";

    private static final List<String> DENSE =
            List.of("attention.output.dense", "intermediate.dense", "output.dense");

    private final Parameters parameters;
    private final List<InferenceLayer> layers;
    private final @Nullable CpuEmbeddings embeddings;
    private final @Nullable BertCheckpoint file;

    private PackedWeights(
            BertConfig config,
            Parameters parameters,
            @Nullable WordEmbeddingTable words,
            @Nullable BertCheckpoint file) {
        this.parameters = parameters;
        layers = InferenceLayer.all(config, parameters);
        embeddings = words == null ? null : new CpuEmbeddings(words, parameters, config);
        this.file = file;
    }

    /**
     * Reads the tensors of a {@code model.safetensors}, or of the files that its index names, and
     * packs them, layer by layer, so that memory for both forms is needed for one layer only.
     *
     * @param owner takes the tensors
     * @return as {@link BertWeights#load} gives them on other devices, and where this LibTorch has
     *     no such kernels
     * @throws dev.mtl.core.MtlException if the tensors are not those that {@code config} says;
     *     lists them
     */
    public static PackedWeights load(
            Path path, BertConfig config, Device device, TensorScope owner) {
        if (!device.isCpu() || !MkldnnLinear.isAvailable()) {
            return new PackedWeights(
                    config, BertWeights.load(path, config, device, owner), null, null);
        }
        return load(path, config, owner, MkldnnLinear::pack);
    }

    /**
     * The same in 8-bit numbers, on a CPU; word embeddings and LayerNorms stay as they are.
     *
     * @throws dev.mtl.core.MtlException also if this LibTorch has no such kernels
     */
    public static PackedWeights quantize(Path path, BertConfig config, TensorScope owner) {
        if (!Int8Linear.isAvailable()) {
            throw new dev.mtl.core.MtlException(
                    "this LibTorch was built without oneDNN, which precision int8 needs; use fp32");
        }
        return load(path, config, owner, null);
    }

    private static PackedWeights load(
            Path path,
            BertConfig config,
            TensorScope owner,
            @Nullable UnaryOperator<Tensor> packing) {
        var file = BertCheckpoint.open(path, config);
        try {
            var words = file.words(config).orElse(null);
            var parameters = read(file, config, words != null, owner, packing);
            if (words == null) {
                file.close();
                return new PackedWeights(config, parameters, null, null);
            }
            return new PackedWeights(config, parameters, words, file);
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static Parameters read(
            BertCheckpoint file,
            BertConfig config,
            boolean withoutWords,
            TensorScope owner,
            @Nullable UnaryOperator<Tensor> packing) {
        var packed = new LinkedHashMap<String, Tensor>();
        var layer = new LinkedHashMap<String, Tensor>();
        try (var _ = Autograd.noGrad()) {
            var scope = TensorScope.open();
            try {
                for (var spec : BertWeights.specs(config)) {
                    if (withoutWords && spec.name().equals(WordEmbeddingTable.WEIGHT)) {
                        continue;
                    }
                    layer.put(spec.name(), file.read(spec));
                    if (endsPart(spec)) {
                        pack(layer, packed, owner, packing);
                        layer.clear();
                        scope.close();
                        scope = TensorScope.open();
                    }
                }
            } finally {
                scope.close();
            }
        }
        return new Parameters(packed);
    }

    /** All tensors but the word embeddings, where {@link #embeddings} has those. */
    Parameters parameters() {
        return parameters;
    }

    /** The encoder's layers on these weights, the lowest first. */
    List<InferenceLayer> layers() {
        return layers;
    }

    /** What sums up a batch's embeddings; null where the tables are tensors as all others. */
    @Nullable CpuEmbeddings embeddings() {
        return embeddings;
    }

    /** Closes the file; the tensors are their owner's. */
    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }

    /** The embeddings, and each encoder layer, end with the bias of a LayerNorm. */
    private static boolean endsPart(ParameterSpec spec) {
        return spec.name().endsWith("LayerNorm.bias")
                && !spec.name().endsWith("attention.output.LayerNorm.bias");
    }

    private static void pack(
            Map<String, Tensor> part,
            Map<String, Tensor> packed,
            TensorScope owner,
            @Nullable UnaryOperator<Tensor> packing) {
        part.forEach(
                (name, tensor) -> {
                    int self = name.indexOf("attention.self.");
                    if (self < 0) {
                        if (isDense(name)) {
                            putWeight(name, tensor, packed, owner, packing);
                        } else {
                            packed.put(name, owner.take(tensor));
                        }
                    } else if (name.contains(".query.")) {
                        var kind = name.substring(name.lastIndexOf('.'));
                        var all =
                                Tensors.cat(
                                        List.of(
                                                tensor,
                                                get(part, name.replace(".query.", ".key.")),
                                                get(part, name.replace(".query.", ".value."))),
                                        0);
                        var joint = name.substring(0, self) + "attention.self." + ALL_THREE + kind;
                        if (kind.equals(".weight")) {
                            putWeight(joint, all, packed, owner, packing);
                        } else {
                            packed.put(joint, owner.take(all));
                        }
                    }
                });
    }

    /** A weight as its kernels read it: with its scales and zero points beside it, in 8 bits. */
    private static void putWeight(
            String name,
            Tensor weight,
            Map<String, Tensor> packed,
            TensorScope owner,
            @Nullable UnaryOperator<Tensor> packing) {
        if (packing != null) {
            packed.put(name, owner.take(packing.apply(weight)));
            return;
        }
        var quantized = Int8Linear.quantize(weight);
        packed.put(name, owner.take(quantized.weight()));
        packed.put(name + SCALE, owner.take(quantized.scale()));
        packed.put(name + ZERO_POINT, owner.take(quantized.zeroPoint()));
    }

    /** The 8-bit weight of this name, or null if it is none. */
    static @Nullable Int8Linear int8(Parameters weights, String weight) {
        return weights.has(weight + SCALE)
                ? new Int8Linear(
                        weights.get(weight),
                        weights.get(weight + SCALE),
                        weights.get(weight + ZERO_POINT))
                : null;
    }

    private static boolean isDense(String name) {
        return DENSE.stream().anyMatch(dense -> name.endsWith("." + dense + ".weight"));
    }

    private static Tensor get(Map<String, Tensor> part, String name) {
        return java.util.Objects.requireNonNull(part.get(name), name);
    }
}
