package dev.mtl.core.bert;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;

/** Reads the {@code config.json} of encoders with rotary positions. */
final class RotaryConfigReader {
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    /** Each is listed, and a file that lies must not fill the memory. */
    private static final int MOST_LAYERS = 4096;

    private final ConfigReader reader;
    private final JsonNode json;

    RotaryConfigReader(ConfigReader reader) {
        this.reader = reader;
        json = reader.json();
    }

    /** ModernBERT's, with the keys of its first files or of those that transformers 5 writes. */
    BertConfig modernBert() {
        int hidden = reader.size("hidden_size", 768);
        int heads = heads(hidden);
        int layers = reader.size("num_hidden_layers", 22);
        double attentionDropout = reader.probability("attention_dropout", 0);
        boolean mlpBias = json.path("mlp_bias").asBoolean();
        return new BertConfig(
                ModelType.MODERNBERT,
                reader.size("vocab_size", ConfigReader.vocabulary(ModelType.MODERNBERT)),
                hidden,
                hidden,
                layers,
                heads,
                reader.size("intermediate_size", 1152),
                reader.size("max_position_embeddings", 8192),
                0,
                0,
                reader.activation("hidden_activation"),
                reader.number("norm_eps", 1e-5),
                reader.probability("embedding_dropout", 0),
                attentionDropout,
                new RotaryConfig(
                        true,
                        true,
                        attention(layers),
                        json.path("attention_bias").asBoolean(),
                        mlpBias,
                        mlpBias,
                        json.path("norm_bias").asBoolean(),
                        attentionDropout,
                        reader.probability("mlp_dropout", 0)));
    }

    /** Halves of heads are rotated against each other. */
    private int heads(int hidden) {
        int heads = reader.size("num_attention_heads", 12);
        reader.requireMultiple("hidden_size", hidden, "2 * num_attention_heads", 2 * heads);
        return heads;
    }

    private List<RotaryConfig.Attention> attention(int layers) {
        int reach = reader.size("local_attention", 128) / 2;
        if (reach < 1) {
            reader.fault("local_attention is 1, which leaves a token alone");
        }
        double full = theta(FULL, "global_rope_theta", 160_000);
        double sliding = theta(SLIDING, "local_rope_theta", 10_000);
        var all = new ArrayList<RotaryConfig.Attention>();
        if (layers > MOST_LAYERS) {
            reader.fault("num_hidden_layers is " + layers + ", more than " + MOST_LAYERS);
        }
        for (int i = 0; i < Math.min(layers, MOST_LAYERS); i++) {
            all.add(
                    isFull(i)
                            ? new RotaryConfig.Attention(full, 0)
                            : new RotaryConfig.Attention(sliding, Math.max(1, reach)));
        }
        return all;
    }

    private boolean isFull(int layer) {
        var types = json.path("layer_types");
        if (!types.isArray()) {
            return layer % reader.size("global_attn_every_n_layers", 3) == 0;
        }
        var type = types.path(layer).asText();
        if (!type.equals(FULL) && !type.equals(SLIDING)) {
            reader.fault(
                    "layer_types is '%s' for layer %d; known: %s, %s"
                            .formatted(type, layer, FULL, SLIDING));
        }
        return type.equals(FULL);
    }

    private double theta(String type, String olderKey, double otherwise) {
        requirePlain("rope_scaling", json.path("rope_scaling"));
        var parameters = json.path("rope_parameters").path(type);
        requirePlain("rope_parameters." + type, parameters);
        var theta = parameters.path("rope_theta");
        if (theta.isMissingNode()) {
            return reader.number(olderKey, otherwise);
        }
        if (!(theta.asDouble() > 0)) {
            reader.fault("rope_parameters.%s.rope_theta is %s".formatted(type, theta));
        }
        return theta.asDouble();
    }

    /** Scaled positions are not implemented. */
    private void requirePlain(String key, JsonNode parameters) {
        var type = parameters.path("rope_type").asText("default");
        if (parameters.isObject() && !type.equals("default")) {
            reader.fault(key + " has rope_type '" + type + "', only 'default' is supported");
        }
    }
}
