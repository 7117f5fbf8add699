package dev.mtl.core.bert;

import dev.mtl.core.transformer.AttentionBlock;
import dev.mtl.core.transformer.AttentionBlock.Attention;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.EncoderLayer;
import dev.mtl.core.transformer.FeedForward;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.PostNormLayer;
import dev.mtl.core.transformer.SelfAttention;
import dev.mtl.core.transformer.TransformerEncoder;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;

/**
 * The BERT encoder without its pooler, and the encoders that differ from it in little ({@link
 * ModelType}), as an arrangement of parts.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/modeling_bert.py">modeling_bert.py</a>
 */
public final class BertArrangement {
    private static final String EMBEDDINGS = "embeddings.";
    static final String WORDS = EMBEDDINGS + "word_embeddings.weight";
    static final String TYPES = EMBEDDINGS + "token_type_embeddings.weight";
    static final String POSITIONS = EMBEDDINGS + "position_embeddings.weight";
    static final String EMBEDDING_NORM = EMBEDDINGS + "LayerNorm";

    /** ELECTRA's layer from the width of the embeddings to that of the layers. */
    static final String PROJECTION = "embeddings_project";

    private BertArrangement() {}

    /**
     * Makes an encoder.
     *
     * @param kernels on the weights that {@link BertWeights#specs} lists
     */
    public static TransformerEncoder encoder(BertConfig config, Kernels kernels) {
        return switch (config.layers()) {
            case RotaryConfig rotary -> RotaryArrangement.encoder(config, rotary, kernels);
            case DisentangledConfig layers -> DebertaArrangement.encoder(config, layers, kernels);
            case null -> bert(config, kernels);
        };
    }

    private static TransformerEncoder bert(BertConfig config, Kernels kernels) {
        var embeddings = embeddings(config, kernels);
        var bias =
                config.hasRelativePositions()
                        ? new RelativePositions(kernels.weight(RelativePositions.WEIGHT))
                        : null;
        var layers = new ArrayList<EncoderLayer>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            var attention =
                    new SelfAttention(config.numAttentionHeads(), bias, config.attentionDropout());
            layers.add(layer(config, kernels, "encoder.layer." + i + ".", attention));
        }
        return new TransformerEncoder(embeddings, layers);
    }

    private static Embeddings embeddings(BertConfig config, Kernels kernels) {
        var embeddings =
                kernels.embeddings(embeddingNames(config, POSITIONS, null, EMBEDDING_NORM, true));
        if (!config.hasEmbeddingProjection()) {
            return embeddings;
        }
        var projection = kernels.linear(PROJECTION);
        return pass -> {
            try (var narrow = embeddings.forward(pass)) {
                return projection.apply(narrow);
            }
        };
    }

    /**
     * The names of the weights of the embeddings.
     *
     * @param positions name of the table of position embeddings; null for none
     * @param projection name of the layer from the width of the embeddings to H; null for none
     * @param norm name of the normalization; null for none
     * @param normBias whether it has a bias
     */
    static Embeddings.Names embeddingNames(
            BertConfig config,
            @Nullable String positions,
            @Nullable String projection,
            @Nullable String norm,
            boolean normBias) {
        return new Embeddings.Names(
                WORDS,
                config.typeVocabSize() == 0 ? null : TYPES,
                positions,
                config.firstPosition(),
                projection,
                norm,
                normBias,
                config.layerNormEps(),
                config.hiddenDropout());
    }

    /** A layer as BERT's, but for the kind of attention. */
    static EncoderLayer layer(
            BertConfig config, Kernels kernels, String prefix, Attention attention) {
        var self = prefix + "attention.self.";
        var block =
                new AttentionBlock(
                        kernels.queryKeyValue(self + "query", self + "key", self + "value"),
                        attention,
                        kernels.linear(prefix + "attention.output.dense"),
                        config.attentionOutputDropout());
        var attentionNorm =
                kernels.layerNorm(prefix + "attention.output.LayerNorm", config.layerNormEps());
        var feedForward =
                new FeedForward(
                        kernels.linear(prefix + "intermediate.dense"),
                        config.hiddenAct(),
                        kernels.linear(prefix + "output.dense"),
                        config.hiddenDropout());
        var outputNorm = kernels.layerNorm(prefix + "output.LayerNorm", config.layerNormEps());
        return new PostNormLayer(block, attentionNorm, feedForward, outputNorm);
    }
}
