package dev.mtl.core.bert;

import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.FusedLinear;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A BERT's weights laid out once for passes without a graph on a CPU: query, key and value as one
 * matrix, and every matrix in the order that the kernels read it.
 */
public final class PackedWeights {
    /** The layer that stands for query, key and value, in this order. */
    static final String ALL_THREE = "query_key_value";

    private static final List<String> DENSE =
            List.of("attention.output.dense", "intermediate.dense", "output.dense");

    private PackedWeights() {}

    /**
     * Reads the tensors of a {@code model.safetensors}, or of the files that its index names, and
     * packs them, layer by layer, so that memory for both forms is needed for one layer only.
     *
     * @param owner takes what comes of it
     * @return for {@link Bert#forward} in evaluation without a graph; as {@link BertWeights#load}
     *     gives them where this LibTorch has no such kernels
     * @throws dev.mtl.core.MtlException if the tensors are not those that {@code config} says;
     *     lists them
     */
    public static Parameters load(Path file, BertConfig config, TensorScope owner) {
        if (!FusedLinear.isAvailable()) {
            return BertWeights.load(file, config, Device.CPU, owner);
        }
        var packed = new LinkedHashMap<String, Tensor>();
        var layer = new LinkedHashMap<String, Tensor>();
        try (var reader = BertFile.open(file, config);
                var _ = Autograd.noGrad()) {
            var scope = TensorScope.open();
            try {
                for (var spec : BertWeights.specs(config)) {
                    layer.put(spec.name(), reader.read(spec));
                    if (endsPart(spec)) {
                        pack(layer, packed, owner);
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

    /** The embeddings, and each encoder layer, end with the bias of a LayerNorm. */
    private static boolean endsPart(ParameterSpec spec) {
        return spec.name().endsWith("LayerNorm.bias")
                && !spec.name().endsWith("attention.output.LayerNorm.bias");
    }

    private static void pack(
            Map<String, Tensor> part, Map<String, Tensor> packed, TensorScope owner) {
        part.forEach(
                (name, tensor) -> {
                    int self = name.indexOf("attention.self.");
                    if (self < 0) {
                        packed.put(
                                name,
                                owner.take(isDense(name) ? FusedLinear.pack(tensor) : tensor));
                    } else if (name.contains(".query.")) {
                        var kind = name.substring(name.lastIndexOf('.'));
                        var all =
                                Tensors.cat(
                                        List.of(
                                                tensor,
                                                get(part, name.replace(".query.", ".key.")),
                                                get(part, name.replace(".query.", ".value."))),
                                        0);
                        packed.put(
                                name.substring(0, self) + "attention.self." + ALL_THREE + kind,
                                owner.take(kind.equals(".weight") ? FusedLinear.pack(all) : all));
                    }
                });
    }

    private static boolean isDense(String name) {
        return DENSE.stream().anyMatch(dense -> name.endsWith("." + dense + ".weight"));
    }

    private static Tensor get(Map<String, Tensor> part, String name) {
        return java.util.Objects.requireNonNull(part.get(name), name);
    }
}
