package dev.mtl.core.bert;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.bert.RotaryConfig.Attention;
import dev.mtl.core.bert.RotaryConfig.Biases;
import dev.mtl.core.bert.RotaryConfig.Dropouts;
import dev.mtl.core.bert.RotaryConfig.GateTensors;
import dev.mtl.core.bert.RotaryConfig.NormKind;
import dev.mtl.core.transformer.layers.Activation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads the {@code config.json} of encoders with rotary positions. */
final class RotaryConfigReader {
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    private final ConfigReader reader;
    private final JsonNode json;
    private final RopeParameters rope;

    RotaryConfigReader(ConfigReader reader) {
        this.reader = reader;
        json = reader.json();
        rope = new RopeParameters(reader);
    }

    /**
     * The sizes of the layers.
     *
     * @param hidden H
     * @param heads of the queries
     * @param layers how many
     */
    private record Sizes(int hidden, int heads, int layers) {
        /** Of each head. */
        int width() {
            return hidden / heads;
        }
    }

    /** The sizes by the keys of transformers. */
    private Sizes sizes(int layers) {
        return sizes("hidden_size", "num_attention_heads", "num_hidden_layers", layers);
    }

    private Sizes sizes(String hiddenKey, String headsKey, String layersKey, int layers) {
        int hidden = reader.size(hiddenKey, 768);
        int heads = reader.size(headsKey, 12);
        // Halves of heads are rotated against each other.
        reader.requireMultiple(hiddenKey, hidden, "2 * " + headsKey, 2 * heads);
        return new Sizes(hidden, heads, reader.layers(layersKey, layers));
    }

    /** The configuration; parameters are those of {@link BertConfig}. */
    private BertConfig config(
            ModelType type,
            Sizes sizes,
            int inner,
            int tokenTypes,
            Activation activation,
            double eps,
            double embeddingDropout,
            double attentionDropout,
            RotaryConfig rotary) {
        boolean nomic = type == ModelType.NOMIC_BERT;
        int vocabulary = reader.size("vocab_size", ConfigReader.vocabulary(type));
        return new BertConfig(
                type,
                nomic ? toMultiple(vocabulary) : vocabulary,
                sizes.hidden(),
                sizes.hidden(),
                sizes.layers(),
                sizes.heads(),
                inner,
                nomic ? nomicPositions() : reader.size("max_position_embeddings", 8192),
                0,
                tokenTypes,
                activation,
                eps,
                embeddingDropout,
                attentionDropout,
                rotary);
    }

    /** ModernBERT's, with the keys of its first files or of those that transformers 5 writes. */
    BertConfig modernBert() {
        var sizes = sizes(22);
        double attentionDropout = reader.probability("attention_dropout", 0);
        boolean normBias = json.path("norm_bias").asBoolean();
        return config(
                ModelType.MODERNBERT,
                sizes,
                reader.size("intermediate_size", 1152),
                0,
                reader.activation("hidden_activation"),
                reader.number("norm_eps", 1e-5),
                reader.probability("embedding_dropout", 0),
                attentionDropout,
                new RotaryConfig(
                        true,
                        true,
                        normBias ? NormKind.LAYER_NORM : NormKind.LAYER_NORM_WITHOUT_BIAS,
                        windows(sizes.layers()),
                        sizes.heads(),
                        true,
                        GateTensors.JOINT,
                        biases(),
                        new Dropouts(attentionDropout, reader.probability("mlp_dropout", 0), 0)));
    }

    /** By the keys that ModernBERT and EuroBERT have. */
    private Biases biases() {
        boolean feedForward = json.path("mlp_bias").asBoolean();
        return new Biases(json.path("attention_bias").asBoolean(), feedForward, feedForward);
    }

    /** Full attention in some layers, a window in the others. */
    private List<Attention> windows(int layers) {
        int reach = reader.size("local_attention", 128) / 2;
        if (reach < 1) {
            reader.fault("local_attention is 1, which leaves a token alone");
        }
        rope.requirePlain("rope_scaling");
        var full = rope.ofLayers(FULL, "global_rope_theta", 160_000, 0);
        var sliding = rope.ofLayers(SLIDING, "local_rope_theta", 10_000, Math.max(1, reach));
        var all = new ArrayList<Attention>();
        for (int i = 0; i < layers; i++) {
            all.add(isFull(i) ? full : sliding);
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

    /** GTE's, by its own keys ({@code model_type} "new") or those of transformers ("gte"). */
    BertConfig gte() {
        reader.refuse("layer_norm_type", "layer_norm");
        reader.refuseIfTrue("logn_attention_scale");
        if (!json.path("pack_qkv").asBoolean(true)) {
            reader.fault("pack_qkv is false, but query, key and value must be one tensor");
        }
        var sizes = sizes(12);
        double theta = json.path("model_type").asText().equals("gte") ? 160_000 : 10_000;
        double dropout = reader.probability("hidden_dropout_prob", 0.1);
        return config(
                ModelType.GTE,
                sizes,
                reader.size("intermediate_size", 3072),
                reader.count("type_vocab_size", 1),
                reader.activation("hidden_act"),
                reader.number("layer_norm_eps", 1e-12),
                dropout,
                reader.probability("attention_probs_dropout_prob", 0),
                new RotaryConfig(
                        false,
                        true,
                        NormKind.LAYER_NORM,
                        inAllLayers(sizes, "rope_theta", theta),
                        sizes.heads(),
                        true,
                        GateTensors.JOINT_GATE_FIRST,
                        new Biases(true, false, true),
                        new Dropouts(dropout, dropout, dropout)));
    }

    /** Attention to all tokens. */
    private List<Attention> inAllLayers(Sizes sizes, String olderKey, double theta) {
        return Collections.nCopies(sizes.layers(), rope.ofAll(olderKey, theta, sizes.width()));
    }

    /** EuroBERT's: the layers of Llama, to all tokens. */
    BertConfig euroBert() {
        var sizes = sizes(12);
        int keyHeads = reader.size("num_key_value_heads", sizes.heads());
        reader.requireMultiple(
                "num_attention_heads", sizes.heads(), "num_key_value_heads", keyHeads);
        int width = reader.size("head_dim", sizes.width());
        if (width != sizes.width()) {
            reader.fault(
                    "head_dim is %d, but hidden_size / num_attention_heads is %d"
                            .formatted(width, sizes.width()));
        }
        return config(
                ModelType.EUROBERT,
                sizes,
                reader.size("intermediate_size", 3072),
                0,
                reader.activation("hidden_act", Activation.SILU),
                reader.number("rms_norm_eps", 1e-5),
                0,
                reader.probability("attention_dropout", 0),
                new RotaryConfig(
                        true,
                        false,
                        NormKind.RMS_NORM,
                        inAllLayers(sizes, "rope_theta", 10_000),
                        keyHeads,
                        false,
                        GateTensors.SEPARATE,
                        biases(),
                        new Dropouts(0, 0, 0)));
    }

    /** NomicBERT's, by its own keys ({@code n_embd} and others) or those of transformers. */
    BertConfig nomicBert() {
        refuseOtherKindsOfNomic();
        boolean firstKeys = json.has("n_embd");
        var sizes =
                sizes(
                        either("hidden_size", "n_embd"),
                        either("num_attention_heads", "n_head"),
                        either("num_hidden_layers", "n_layer"),
                        12);
        double dropout = reader.probability(either("resid_pdrop", "hidden_dropout_prob"), 0);
        return config(
                ModelType.NOMIC_BERT,
                sizes,
                reader.size(either("intermediate_size", "n_inner"), 4 * sizes.hidden()),
                reader.count("type_vocab_size", 2),
                nomicActivation(),
                reader.number(either("layer_norm_eps", "layer_norm_epsilon"), 1e-12),
                reader.probability(either("embd_pdrop", "hidden_dropout_prob"), 0),
                reader.probability(either("attention_probs_dropout_prob", "attn_pdrop"), 0),
                new RotaryConfig(
                        false,
                        true,
                        NormKind.LAYER_NORM,
                        inAllLayers(sizes, "rotary_emb_base", 1000),
                        sizes.heads(),
                        true,
                        GateTensors.SEPARATE,
                        new Biases(
                                json.path("qkv_proj_bias").asBoolean(firstKeys),
                                json.path("mlp_fc1_bias").asBoolean(firstKeys),
                                json.path("mlp_fc2_bias").asBoolean(firstKeys)),
                        new Dropouts(dropout, 0, dropout)));
    }

    /** Refuses mixtures of experts and what else its own implementation can do. */
    private void refuseOtherKindsOfNomic() {
        for (var key :
                List.of(
                        "prenorm",
                        "use_rms_norm",
                        "causal",
                        "parallel_block",
                        "rotary_emb_interleaved",
                        "moe_every_n_layers",
                        "rotary_emb_scale_base",
                        "scale_attn_by_inverse_layer_idx")) {
            reader.refuseIfTrue(key);
        }
        if (reader.number("rotary_emb_fraction", 1) != 1) {
            reader.fault("rotary_emb_fraction is not 1, but whole heads are rotated");
        }
    }

    /** NomicBERT's table has rows that stand for no token. */
    private int toMultiple(int vocabulary) {
        int multiple = reader.size("pad_vocab_size_multiple", 1);
        return Math.ceilDiv(vocabulary, multiple) * multiple;
    }

    /** Where longer texts would have other frequencies, up to the length that has none. */
    private int nomicPositions() {
        int positions = reader.size(either("max_position_embeddings", "n_positions"), 2048);
        return json.path("rotary_scaling_factor").isNumber()
                ? Math.min(positions, reader.size("max_trained_positions", 2048))
                : positions;
    }

    private Activation nomicActivation() {
        if (json.has("hidden_act") || !json.has("activation_function")) {
            return reader.activation("hidden_act", Activation.SILU);
        }
        var name = json.path("activation_function").asText();
        return switch (name) {
            case "swiglu" -> Activation.SILU;
            case "geglu" -> Activation.GELU;
            default -> {
                reader.fault("activation_function is '%s'; known: swiglu, geglu".formatted(name));
                yield Activation.SILU;
            }
        };
    }

    /** The key that the file has; the first of both. */
    private String either(String key, String other) {
        return json.has(key) || !json.has(other) ? key : other;
    }
}
