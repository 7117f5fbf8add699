package dev.mtl.core.bert;

import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.FusedLinear;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.util.LinkedHashMap;
import java.util.List;

/**
 * A BERT's weights laid out once for passes without a graph on a CPU: query, key and value as one
 * matrix, and every matrix in the order that the kernels read it.
 */
public final class PackedWeights {
    /** The layer that stands for query, key and value, in this order. */
    static final String ALL_THREE = "query_key_value";

    private PackedWeights() {}

    /**
     * Packs weights, if this LibTorch can.
     *
     * @param weights as {@link BertWeights} gives them, on the CPU; what is replaced stays with its
     *     owner
     * @param owner takes all that comes of it
     * @return for {@link Bert#forward} in evaluation without a graph; the weights themselves where
     *     there are no such kernels
     */
    public static Parameters of(Parameters weights, BertConfig config, TensorScope owner) {
        if (!FusedLinear.isAvailable()) {
            owner.takeAll(weights.tensors());
            return weights;
        }
        var packed = new LinkedHashMap<String, Tensor>();
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            for (int i = 0; i < config.numHiddenLayers(); i++) {
                var layer = "encoder.layer." + i + ".";
                var self = layer + "attention.self.";
                packed.put(
                        self + ALL_THREE + ".weight", pack(joined(weights, self, "weight"), owner));
                packed.put(self + ALL_THREE + ".bias", owner.take(joined(weights, self, "bias")));
                for (var dense :
                        List.of("attention.output.dense", "intermediate.dense", "output.dense")) {
                    var name = layer + dense + ".weight";
                    packed.put(name, pack(weights.get(name), owner));
                }
            }
            for (var name : weights.names()) {
                if (!packed.containsKey(name) && !name.contains("attention.self.")) {
                    packed.put(name, owner.take(weights.get(name)));
                }
            }
        }
        return new Parameters(packed);
    }

    private static Tensor joined(Parameters weights, String self, String part) {
        return Tensors.cat(
                List.of(
                        weights.get(self + "query." + part),
                        weights.get(self + "key." + part),
                        weights.get(self + "value." + part)),
                0);
    }

    private static Tensor pack(Tensor weight, TensorScope owner) {
        return owner.take(FusedLinear.pack(weight));
    }
}
