package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.transformer.Activation;

import java.nio.file.Path;

/**
 * The numbers of a BERT or one of its family, as Hugging Face's {@code config.json} has them.
 *
 * @param modelType which encoder it is
 * @param vocabSize rows of the word embedding table
 * @param hiddenSize H, the width of each token's vector
 * @param numHiddenLayers encoder layers
 * @param numAttentionHeads heads, each of {@code hiddenSize / numAttentionHeads}
 * @param intermediateSize the width inside of each feed-forward block
 * @param maxPositionEmbeddings rows of the position table
 * @param firstPosition the row of the first token; RoBERTa and its kin leave out those up to the id
 *     of padding
 * @param typeVocabSize segment types, 0 where the encoder has none
 * @param hiddenAct the activation of the feed-forward blocks
 * @param layerNormEps what LayerNorm adds to the variance
 * @param hiddenDropout dropout of embeddings and of each block's output
 * @param attentionDropout dropout of the attention probabilities
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/configuration_bert.py">configuration_bert.py</a>
 */
public record BertConfig(
        ModelType modelType,
        int vocabSize,
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
        double attentionDropout) {

    /**
     * Reads a {@code config.json}; what it leaves out has Hugging Face's defaults.
     *
     * @throws MtlException if it cannot be read, or describes what this library does not compute;
     *     lists all that does not fit
     */
    public static BertConfig read(Path file) {
        return new ConfigReader(file).read();
    }

    /** The longest sequence, in tokens. */
    public int maxLength() {
        return maxPositionEmbeddings - firstPosition;
    }

    /** Dropout of what attention gives, before it is added to its input. */
    double attentionOutputDropout() {
        return modelType == ModelType.DISTILBERT ? 0 : hiddenDropout;
    }

    /** Whether attention has a bias by distance, {@link RelativePositions}. */
    public boolean hasRelativePositions() {
        return modelType == ModelType.MPNET;
    }
}
