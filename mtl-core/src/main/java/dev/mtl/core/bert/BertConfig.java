package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.transformer.layers.Activation;

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
 * @param layers settings that BERT's layers do not have; null for BERT's layers
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
        @Nullable Layers layers) {

    /**
     * Reads a {@code config.json}. Missing keys have Hugging Face's defaults.
     *
     * @throws MtlException if it cannot be read, or describes an encoder that is not supported;
     *     lists every unsupported value
     */
    public static BertConfig read(Path file) {
        return new ConfigReader(file).read();
    }

    /** Settings of layers that differ from BERT's. */
    public sealed interface Layers permits RotaryConfig, DisentangledConfig {}

    /** The longest sequence, in tokens. */
    public int maxLength() {
        return maxPositionEmbeddings - firstPosition;
    }

    /** The settings of layers with rotary positions; null for other layers. */
    public @Nullable RotaryConfig rotary() {
        return layers instanceof RotaryConfig rotary ? rotary : null;
    }

    /** The settings of DeBERTa's layers; null for other layers. */
    public @Nullable DisentangledConfig disentangled() {
        return layers instanceof DisentangledConfig disentangled ? disentangled : null;
    }

    /** Dropout of the attention block's output, before the residual sum. */
    double attentionOutputDropout() {
        return modelType == ModelType.DISTILBERT ? 0 : hiddenDropout;
    }

    /** Whether a linear layer makes the embeddings as wide as the layers. */
    public boolean hasEmbeddingProjection() {
        return embeddingSize != hiddenSize;
    }

    /** Whether attention scores have a relative position bias, {@link RelativePositions}. */
    public boolean hasRelativePositions() {
        return modelType == ModelType.MPNET;
    }

    /** Its tokens, for heads that predict them. */
    public HeadContext.Vocabulary vocabulary() {
        return new HeadContext.Vocabulary(vocabSize, embeddingSize, layerNormEps);
    }
}
