package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.transformer.Activation;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * The hyperparameters of an encoder of BERT's family, as in Hugging Face's {@code config.json}.
 *
 * @param modelType the architecture
 * @param vocabSize rows of the word embedding table
 * @param embeddingSize the width of the embeddings; a layer makes others than H as wide as H
 * @param hiddenSize H, the width of each token's vector
 * @param numHiddenLayers encoder layers
 * @param numAttentionHeads heads, each of {@code hiddenSize / numAttentionHeads}
 * @param intermediateSize the inner width of the feed-forward blocks
 * @param maxPositionEmbeddings rows of the position table
 * @param firstPosition the row of the first token; RoBERTa and its relatives start after the id of
 *     padding
 * @param typeVocabSize the number of segment types, 0 for none
 * @param hiddenAct the activation of the feed-forward blocks
 * @param layerNormEps added to the variance in LayerNorm
 * @param hiddenDropout dropout of embeddings and of each block's output
 * @param attentionDropout dropout of the attention probabilities
 * @param rotary what layers with rotary positions have; null for BERT's layers
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/configuration_bert.py">configuration_bert.py</a>
 */
public record BertConfig(
        ModelType modelType,
        int vocabSize,
        int embeddingSize,
        int hiddenSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int intermediateSize,
        int maxPositionEmbeddings,
        int firstPosition,
        int typeVocabSize,
        Activation hiddenAct,
        double layerNormEps,
        double hiddenDropout,
        double attentionDropout,
        @Nullable RotaryConfig rotary) {

    /**
     * Reads a {@code config.json}. Missing keys have Hugging Face's defaults.
     *
     * @throws MtlException if it cannot be read, or describes an encoder that is not supported;
     *     lists every unsupported value
     */
    public static BertConfig read(Path file) {
        return new ConfigReader(file).read();
    }

    /** The longest sequence, in tokens. */
    public int maxLength() {
        return maxPositionEmbeddings - firstPosition;
    }

    /** Dropout of the attention block's output, before the residual sum. */
    double attentionOutputDropout() {
        return modelType == ModelType.DISTILBERT ? 0 : hiddenDropout;
    }

    /** Whether a linear layer follows the embeddings. */
    public boolean hasEmbeddingProjection() {
        return embeddingSize != hiddenSize;
    }

    /** Whether attention scores have a relative position bias, {@link RelativePositions}. */
    public boolean hasRelativePositions() {
        return modelType == ModelType.MPNET;
    }
}
