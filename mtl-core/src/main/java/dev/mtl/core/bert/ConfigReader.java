package dev.mtl.core.bert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.transformer.layers.Activation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads a {@code config.json}, and reports all unsupported values in one error. */
final class ConfigReader {
    private static final int MOST_LAYERS = 4096;

    private final Path file;
    private final JsonNode json;
    private final List<String> faults = new ArrayList<>();

    ConfigReader(Path file) {
        this.file = file;
        try {
            json = JsonMapper.builder().build().readTree(file.toFile());
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    JsonNode json() {
        return json;
    }

    void fault(String fault) {
        faults.add(fault);
    }

    BertConfig read() {
        var name = json.path("model_type").asText("bert");
        var type =
                ModelType.of(name)
                        .orElseThrow(
                                () ->
                                        new MtlException(
                                                "%s: model_type is '%s'; known: %s"
                                                        .formatted(
                                                                file,
                                                                name,
                                                                String.join(
                                                                        ", ", ModelType.known()))));
        requireKnownKind(type);
        var config =
                switch (type) {
                    case DISTILBERT -> distilBert();
                    case DEBERTA_V2 -> DisentangledConfig.read(this);
                    case MODERNBERT -> new RotaryConfigReader(this).modernBert();
                    case NOMIC_BERT -> new RotaryConfigReader(this).nomicBert();
                    case GTE -> new RotaryConfigReader(this).gte();
                    case EUROBERT -> new RotaryConfigReader(this).euroBert();
                    case BERT, ROBERTA, XLM_ROBERTA, CAMEMBERT, ELECTRA, ERNIE, MPNET -> bert(type);
                };
        if (!faults.isEmpty()) {
            throw new MtlException(file + ": " + String.join("; ", faults));
        }
        return config;
    }

    /** Rejects settings that change the result and are not implemented. */
    private void requireKnownKind(ModelType type) {
        refuse("position_embedding_type", type == ModelType.GTE ? "rope" : "absolute");
        if (json.path("use_task_id").asBoolean()) {
            faults.add("use_task_id is true, but embeddings of tasks are not supported");
        }
        for (var flag : List.of("is_decoder", "add_cross_attention")) {
            if (json.path(flag).asBoolean()) {
                faults.add(flag + " is true, but only encoders can be loaded");
            }
        }
        if (!json.path("pruned_heads").isEmpty()) {
            faults.add("pruned_heads is not empty, but all layers must have all heads");
        }
        int buckets = json.path("relative_attention_num_buckets").asInt(RelativePositions.BUCKETS);
        if (type == ModelType.MPNET && buckets != RelativePositions.BUCKETS) {
            faults.add("relative_attention_num_buckets is " + buckets + ", only 32 is supported");
        }
    }

    /** Refuses a setting with another value than the one that is implemented. */
    void refuse(String key, String supported) {
        var value = json.path(key).asText(supported);
        if (!value.equals(supported)) {
            faults.add("%s is '%s', only '%s' is supported".formatted(key, value, supported));
        }
    }

    /** Refuses a setting that is on, or has any number but 0. */
    void refuseIfTrue(String key) {
        var value = json.path(key);
        if (value.isNumber() ? value.asDouble() != 0 : value.asBoolean()) {
            faults.add("%s is %s, which is not supported".formatted(key, value));
        }
    }

    private BertConfig bert(ModelType type) {
        boolean electra = type == ModelType.ELECTRA;
        int hidden = size("hidden_size", electra ? 256 : 768);
        int heads = size("num_attention_heads", electra ? 4 : 12);
        requireMultiple("hidden_size", hidden, "num_attention_heads", heads);
        int positions = size("max_position_embeddings", 512);
        return new BertConfig(
                type,
                size("vocab_size", vocabulary(type)),
                electra ? size("embedding_size", 128) : hidden,
                hidden,
                size("num_hidden_layers", 12),
                heads,
                size("intermediate_size", electra ? 1024 : 3072),
                positions,
                firstPosition(type, positions),
                type.hasTokenTypes() ? size("type_vocab_size", 2) : 0,
                activation("hidden_act"),
                number("layer_norm_eps", 1e-12),
                probability("hidden_dropout_prob"),
                probability("attention_probs_dropout_prob"),
                null);
    }

    /** DistilBERT's keys differ, and its eps is fixed. */
    private BertConfig distilBert() {
        int hidden = size("dim", 768);
        int heads = size("n_heads", 12);
        requireMultiple("dim", hidden, "n_heads", heads);
        return new BertConfig(
                ModelType.DISTILBERT,
                size("vocab_size", vocabulary(ModelType.DISTILBERT)),
                hidden,
                hidden,
                size("n_layers", 6),
                heads,
                size("hidden_dim", 3072),
                size("max_position_embeddings", 512),
                0,
                0,
                activation("activation"),
                1e-12,
                probability("dropout"),
                probability("attention_dropout"),
                null);
    }

    static int vocabulary(ModelType type) {
        return switch (type) {
            case BERT, DISTILBERT, XLM_ROBERTA, CAMEMBERT, ELECTRA, ERNIE -> 30522;
            case ROBERTA -> 50265;
            case MPNET -> 30527;
            case MODERNBERT -> 50368;
            case NOMIC_BERT -> 30528;
            case GTE -> 250048;
            case EUROBERT -> 128256;
            case DEBERTA_V2 -> 128100;
        };
    }

    private int firstPosition(ModelType type, int positions) {
        if (!type.countsFromPadding()) {
            return 0;
        }
        // Fixed for MPNet, as in the reference implementation.
        int first = type == ModelType.MPNET ? 2 : json.path("pad_token_id").asInt(1) + 1;
        if (first >= positions) {
            faults.add(
                    "max_position_embeddings is %d, but positions begin at %d"
                            .formatted(positions, first));
        }
        return first;
    }

    /** A number of layers that may be listed: a file that lies must not fill the memory. */
    int layers(String key, int otherwise) {
        int layers = size(key, otherwise);
        if (layers > MOST_LAYERS) {
            faults.add("%s is %d, more than %d".formatted(key, layers, MOST_LAYERS));
        }
        return Math.min(layers, MOST_LAYERS);
    }

    /** A number that may be 0. */
    int count(String key, int otherwise) {
        return json.path(key).isInt() && json.path(key).asInt() == 0 ? 0 : size(key, otherwise);
    }

    int size(String key, int otherwise) {
        var value = json.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isInt() || value.asInt() < 1) {
            faults.add(key + " is " + value + ", which is not a positive integer");
            return 1;
        }
        return value.asInt();
    }

    double number(String key, double otherwise) {
        var value = json.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        if (!value.isNumber() || !(value.asDouble() >= 0)) {
            faults.add(key + " is " + value + ", which is not a number of at least 0");
        }
        return value.asDouble();
    }

    private double probability(String key) {
        return probability(key, 0.1);
    }

    double probability(String key, double otherwise) {
        double value = number(key, otherwise);
        if (value >= 1) {
            faults.add(key + " is " + value + ", which is not below 1");
        }
        return value;
    }

    void requireMultiple(String key, int value, String factorKey, int factor) {
        if (value % factor != 0) {
            faults.add("%s %d is not a multiple of %s %d".formatted(key, value, factorKey, factor));
        }
    }

    Activation activation(String key) {
        return activation(key, Activation.GELU);
    }

    Activation activation(String key, Activation otherwise) {
        var value = json.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return otherwise;
        }
        var name = value.asText();
        return switch (name) {
            case "gelu" -> Activation.GELU;
            case "gelu_new", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
            case "relu" -> Activation.RELU;
            case "silu" -> Activation.SILU;
            default -> {
                faults.add(
                        "%s is '%s'; known: gelu, gelu_new, gelu_pytorch_tanh, relu, silu"
                                .formatted(key, name));
                yield Activation.GELU;
            }
        };
    }
}
