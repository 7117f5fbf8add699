package dev.mtl.core.bert;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/** The names of tensors in the files of transformers, by BERT's names for the same tensors. */
final class HfNames {
    private static final String LAYER = "encoder.layer.";

    /** Of the names of families, the ones of a layer's parts. */
    private static final Map<ModelType, Map<String, String>> PARTS =
            Map.of(
                    ModelType.DEBERTA_V2,
                    Map.of(
                            "attention.self.query", "attention.self.query_proj",
                            "attention.self.key", "attention.self.key_proj",
                            "attention.self.value", "attention.self.value_proj",
                            "attention.self.position_key", "attention.self.pos_key_proj",
                            "attention.self.position_query", "attention.self.pos_query_proj"),
                    ModelType.DISTILBERT,
                    Map.of(
                            "attention.self.query", "attention.q_lin",
                            "attention.self.key", "attention.k_lin",
                            "attention.self.value", "attention.v_lin",
                            "attention.output.dense", "attention.out_lin",
                            "attention.output.LayerNorm", "sa_layer_norm",
                            "intermediate.dense", "ffn.lin1",
                            "output.dense", "ffn.lin2",
                            "output.LayerNorm", "output_layer_norm"),
                    ModelType.MPNET,
                    Map.of(
                            "attention.self.query", "attention.attn.q",
                            "attention.self.key", "attention.attn.k",
                            "attention.self.value", "attention.attn.v",
                            "attention.output.dense", "attention.attn.o",
                            "attention.output.LayerNorm", "attention.LayerNorm"),
                    ModelType.MODERNBERT,
                    Map.of(
                            "attention.LayerNorm", "attn_norm",
                            "attention.self.query_key_value", "attn.Wqkv",
                            "attention.output.dense", "attn.Wo",
                            "intermediate.LayerNorm", "mlp_norm",
                            "intermediate.dense", "mlp.Wi",
                            "output.dense", "mlp.Wo"),
                    ModelType.NOMIC_BERT,
                    Map.of(
                            "attention.self.query_key_value", "attn.Wqkv",
                            "attention.output.dense", "attn.out_proj",
                            "attention.output.LayerNorm", "norm1",
                            "intermediate.dense", "mlp.fc12",
                            "intermediate.gate", "mlp.fc11",
                            "output.dense", "mlp.fc2",
                            "output.LayerNorm", "norm2"),
                    ModelType.GTE,
                    Map.of(
                            "attention.self.query_key_value", "attention.qkv_proj",
                            "attention.output.dense", "attention.o_proj",
                            "attention.output.LayerNorm", "attn_ln",
                            "intermediate.dense", "mlp.up_gate_proj",
                            "output.dense", "mlp.down_proj",
                            "output.LayerNorm", "mlp_ln"),
                    ModelType.EUROBERT,
                    Map.of(
                            "attention.LayerNorm", "input_layernorm",
                            "attention.self.query", "self_attn.q_proj",
                            "attention.self.key", "self_attn.k_proj",
                            "attention.self.value", "self_attn.v_proj",
                            "attention.output.dense", "self_attn.o_proj",
                            "intermediate.LayerNorm", "post_attention_layernorm",
                            "intermediate.dense", "mlp.gate_proj",
                            "intermediate.gate", "mlp.up_proj",
                            "output.dense", "mlp.down_proj"));

    private HfNames() {}

    /** The name in files of a tensor that {@link BertWeights#specs} lists. */
    static String of(ModelType type, String name) {
        if (name.equals(RelativePositions.WEIGHT)) {
            return "encoder.relative_attention_bias.weight";
        }
        int kind = name.lastIndexOf('.');
        if (!name.startsWith(LAYER) || name.startsWith(DebertaArrangement.CONVOLUTION)) {
            return outsideOfLayers(type, name.substring(0, kind)) + name.substring(kind);
        }
        int part = name.indexOf('.', LAYER.length()) + 1;
        var ours = name.substring(part, kind);
        var inFile = PARTS.getOrDefault(type, Map.of()).get(ours);
        if (inFile == null) {
            var finalNorm = finalNorm(type);
            if (finalNorm != null && ours.equals(RotaryArrangement.finalNorm())) {
                return finalNorm + name.substring(kind);
            }
            inFile = ours;
        }
        return layers(type) + name.substring(LAYER.length(), part) + inFile + name.substring(kind);
    }

    private static String outsideOfLayers(ModelType type, String name) {
        return switch (type) {
            case MODERNBERT ->
                    name.replace("word_embeddings", "tok_embeddings").replace("LayerNorm", "norm");
            case NOMIC_BERT -> name.equals(BertArrangement.EMBEDDING_NORM) ? "emb_ln" : name;
            case EUROBERT -> "embed_tokens";
            case DEBERTA_V2 -> DebertaArrangement.HF_NAMES.getOrDefault(name, name);
            default -> name;
        };
    }

    /** The norm at the end of the last layer, which is outside of the layers in files. */
    private static @Nullable String finalNorm(ModelType type) {
        return switch (type) {
            case MODERNBERT -> "final_norm";
            case EUROBERT -> "norm";
            default -> null;
        };
    }

    private static String layers(ModelType type) {
        return switch (type) {
            case DISTILBERT -> "transformer.layer.";
            case MODERNBERT, EUROBERT -> "layers.";
            case NOMIC_BERT -> "encoder.layers.";
            default -> LAYER;
        };
    }
}
