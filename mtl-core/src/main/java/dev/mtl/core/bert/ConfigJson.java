package dev.mtl.core.bert;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.store.ModelDirectory;

import java.util.List;
import java.util.Objects;

/** A backbone's {@code config.json}, to be written again beside our weights. */
public final class ConfigJson {
    private ConfigJson() {}

    /**
     * The configuration of a model's encoder, without a head. Its {@code dtype} is float32, as that
     * of the weights that are saved: transformers would round them to any other.
     *
     * @throws dev.mtl.core.MtlException if it cannot be read
     */
    public static ObjectNode of(ModelDirectory source) {
        var config = JsonFiles.readObject(source.config());
        var read = BertConfig.read(source.config());
        if (!isOfTransformers(read.modelType(), config)) {
            useTransformersKeys(config, read);
        }
        config.putArray("architectures").add(read.modelType().transformersClass("Model"));
        config.remove("torch_dtype");
        return config.put("dtype", "float32");
    }

    /** Whether transformers reads a configuration without its author's code. */
    private static boolean isOfTransformers(ModelType type, ObjectNode config) {
        return switch (type) {
            case GTE -> config.path("model_type").asText().equals(type.toString());
            case NOMIC_BERT -> config.has("hidden_size");
            default -> true;
        };
    }

    /** Adds the keys that transformers reads, with the same meaning. */
    private static void useTransformersKeys(ObjectNode config, BertConfig read) {
        var attention = Objects.requireNonNull(read.rotary()).layers().getFirst();
        config.put("model_type", read.modelType().toString())
                .put("vocab_size", read.vocabSize())
                .put("hidden_size", read.hiddenSize())
                .put("num_hidden_layers", read.numHiddenLayers())
                .put("num_attention_heads", read.numAttentionHeads())
                .put("intermediate_size", read.intermediateSize())
                .put("max_position_embeddings", read.maxPositionEmbeddings())
                .put("type_vocab_size", read.typeVocabSize())
                .put("hidden_act", read.hiddenAct().hfName())
                .put("layer_norm_eps", read.layerNormEps())
                .put("hidden_dropout_prob", read.hiddenDropout())
                .put("attention_probs_dropout_prob", read.attentionDropout());
        var rope = config.putObject("rope_parameters").put("rope_theta", attention.theta());
        if (attention.divisor() == 1) {
            rope.put("rope_type", "default");
        } else {
            rope.put("rope_type", "linear").put("factor", attention.divisor());
        }
        // transformers would prefer the first two, and run the author's code for the third.
        config.remove(List.of("rope_scaling", "rope_theta", "auto_map"));
    }
}
