package dev.mtl.core.bert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The numbers of a BERT, as Hugging Face's {@code config.json} has them.
 *
 * @param vocabSize rows of the word embedding table
 * @param hiddenSize H, the width of each token's vector
 * @param numHiddenLayers encoder layers
 * @param numAttentionHeads heads, each of {@code hiddenSize / numAttentionHeads}
 * @param intermediateSize the width inside of each feed-forward block
 * @param maxPositionEmbeddings the longest sequence, in tokens
 * @param typeVocabSize segment types
 * @param hiddenAct the activation of the feed-forward blocks
 * @param layerNormEps what LayerNorm adds to the variance
 * @param hiddenDropout dropout of embeddings and of each block's output
 * @param attentionDropout dropout of the attention probabilities
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/configuration_bert.py">configuration_bert.py</a>
 */
public record BertConfig(
        int vocabSize,
        int hiddenSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int intermediateSize,
        int maxPositionEmbeddings,
        int typeVocabSize,
        Activation hiddenAct,
        double layerNormEps,
        double hiddenDropout,
        double attentionDropout) {

    /** Activations that BERT checkpoints name. */
    public enum Activation {
        /** {@code gelu}: by the error function. */
        GELU,
        /** {@code gelu_new} and {@code gelu_pytorch_tanh}: by the tanh approximation. */
        GELU_TANH,
        /** {@code relu}. */
        RELU
    }

    public BertConfig {
        if (vocabSize < 1
                || hiddenSize < 1
                || numHiddenLayers < 1
                || numAttentionHeads < 1
                || intermediateSize < 1
                || maxPositionEmbeddings < 1
                || typeVocabSize < 1) {
            throw new IllegalArgumentException("all sizes of a BERT are at least 1");
        }
        if (hiddenSize % numAttentionHeads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size "
                            + hiddenSize
                            + " is not a multiple of num_attention_heads "
                            + numAttentionHeads);
        }
    }

    /** Reads a {@code config.json}; what it leaves out has Hugging Face's defaults. */
    public static BertConfig read(Path file) {
        try {
            return of(JsonMapper.builder().build().readTree(file.toFile()));
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new MtlException(file + ": " + e.getMessage(), e);
        }
    }

    private static BertConfig of(JsonNode json) {
        var type = json.path("model_type").asText("bert");
        if (!type.equals("bert")) {
            throw new IllegalArgumentException(
                    "model_type is '" + type + "', only 'bert' can be loaded");
        }
        var positions = json.path("position_embedding_type").asText("absolute");
        if (!positions.equals("absolute")) {
            throw new IllegalArgumentException(
                    "position_embedding_type is '"
                            + positions
                            + "', only 'absolute' can be loaded");
        }
        return new BertConfig(
                json.path("vocab_size").asInt(30522),
                json.path("hidden_size").asInt(768),
                json.path("num_hidden_layers").asInt(12),
                json.path("num_attention_heads").asInt(12),
                json.path("intermediate_size").asInt(3072),
                json.path("max_position_embeddings").asInt(512),
                json.path("type_vocab_size").asInt(2),
                activation(json.path("hidden_act").asText("gelu")),
                json.path("layer_norm_eps").asDouble(1e-12),
                json.path("hidden_dropout_prob").asDouble(0.1),
                json.path("attention_probs_dropout_prob").asDouble(0.1));
    }

    private static Activation activation(String name) {
        return switch (name) {
            case "gelu" -> Activation.GELU;
            case "gelu_new", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
            case "relu" -> Activation.RELU;
            default ->
                    throw new IllegalArgumentException(
                            "hidden_act is '"
                                    + name
                                    + "'; known: gelu, gelu_new, gelu_pytorch_tanh, relu");
        };
    }
}
