package dev.mtl.core.bert;

import dev.mtl.core.disentangled.ConvolutionLayer;
import dev.mtl.core.disentangled.DisentangledAttention;
import dev.mtl.core.disentangled.DistanceScores;
import dev.mtl.core.disentangled.PositionVectors;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.transformer.EncoderLayer;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.Kernels.Weights;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * DeBERTa v2 and v3 as an arrangement of parts. The table of relative positions, which all layers
 * share, is named and trained as a part of the embeddings; the convolution belongs to the first
 * layer.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/deberta_v2/modeling_deberta_v2.py">modeling_deberta_v2.py</a>
 */
final class DebertaArrangement {
    static final String PROJECTION = "embeddings.projection";
    static final String RELATIVE = "embeddings.relative_embeddings";
    static final String RELATIVE_NORM = RELATIVE + ".LayerNorm";
    static final String CONVOLUTION = "encoder.layer.0.convolution";
    static final String CONVOLUTION_NORM = CONVOLUTION + ".LayerNorm";

    /** The names in files of what is not in a layer there. */
    static final Map<String, String> HF_NAMES =
            Map.of(
                    PROJECTION, "embeddings.embed_proj",
                    RELATIVE, "encoder.rel_embeddings",
                    RELATIVE_NORM, "encoder.LayerNorm",
                    CONVOLUTION, "encoder.conv.conv",
                    CONVOLUTION_NORM, "encoder.conv.LayerNorm");

    private final BertConfig config;
    private final DisentangledConfig layers;
    private final Kernels kernels;
    private final double scale;
    private final @Nullable Norm relativeNorm;

    private DebertaArrangement(BertConfig config, DisentangledConfig layers, Kernels kernels) {
        this.config = config;
        this.layers = layers;
        this.kernels = kernels;
        int width = config.hiddenSize() / config.numAttentionHeads();
        scale = 1 / Math.sqrt((double) width * layers.scoreTerms());
        var relative = layers.relative();
        relativeNorm = relative != null && relative.normalized() ? norm(RELATIVE_NORM) : null;
    }

    static TransformerEncoder encoder(
            BertConfig config, DisentangledConfig layers, Kernels kernels) {
        return new DebertaArrangement(config, layers, kernels).encoder();
    }

    private TransformerEncoder encoder() {
        var embeddings =
                kernels.embeddings(
                        BertArrangement.embeddingNames(
                                config,
                                layers.absolutePositions() ? BertArrangement.POSITIONS : null,
                                config.hasEmbeddingProjection() ? PROJECTION : null,
                                BertArrangement.EMBEDDING_NORM,
                                true));
        var all = new ArrayList<EncoderLayer>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            all.add(layer("encoder.layer." + i + "."));
        }
        var convolution = layers.convolution();
        if (convolution != null) {
            all.set(
                    0,
                    new ConvolutionLayer(
                            all.getFirst(),
                            kernels.weight(CONVOLUTION + ".weight"),
                            kernels.weight(CONVOLUTION + ".bias"),
                            convolution.activation(),
                            config.hiddenDropout(),
                            norm(CONVOLUTION_NORM)));
        }
        return new TransformerEncoder(embeddings, all);
    }

    private EncoderLayer layer(String prefix) {
        var attention =
                new DisentangledAttention(
                        config.numAttentionHeads(),
                        positions(prefix),
                        scale,
                        config.attentionDropout());
        return BertArrangement.layer(config, kernels, prefix, attention);
    }

    private Norm norm(String name) {
        return kernels.layerNorm(name, config.layerNormEps());
    }

    private @Nullable DistanceScores positions(String prefix) {
        var relative = layers.relative();
        if (relative == null) {
            return null;
        }
        var key = relative.queriesToPositions() ? prefix + relative.keyName() : null;
        var query = relative.positionsToKeys() ? prefix + relative.queryName() : null;
        return new DistanceScores(relative.buckets(), vectors(key, query));
    }

    /** Computed once where weights do not change. */
    private PositionVectors vectors(@Nullable String key, @Nullable String query) {
        var keys = key == null ? null : kernels.precomputed(weights -> project(weights, key));
        var queries =
                query == null ? null : kernels.precomputed(weights -> project(weights, query));
        if (keys != null || queries != null) {
            return new PositionVectors.Stored(new PositionVectors.Pair(keys, queries));
        }
        return new PositionVectors.Computed(
                kernels.weight(RELATIVE + ".weight"),
                relativeNorm,
                config.hiddenDropout(),
                key == null ? null : kernels.linear(key),
                query == null ? null : kernels.linear(query),
                scale);
    }

    private Tensor project(Weights weights, String layer) {
        var table = weights.get(RELATIVE + ".weight");
        var normalized =
                relativeNorm == null
                        ? table
                        : table.layerNorm(
                                weights.get(RELATIVE_NORM + ".weight"),
                                weights.get(RELATIVE_NORM + ".bias"),
                                config.layerNormEps());
        return normalized
                .linear(weights.get(layer + ".weight"), weights.get(layer + ".bias"))
                .mul(scale);
    }

    /** The weights of {@link #encoder}. */
    static List<ParameterSpec> specs(BertConfig config, DisentangledConfig layers) {
        int h = config.hiddenSize();
        int e = config.embeddingSize();
        var relative = layers.relative();
        var specs = new ArrayList<ParameterSpec>();
        specs.add(BertWeights.table("embeddings.word_embeddings", config.vocabSize(), e));
        if (layers.absolutePositions()) {
            int positions = config.maxPositionEmbeddings();
            specs.add(BertWeights.table("embeddings.position_embeddings", positions, e));
        }
        if (config.typeVocabSize() > 0) {
            int types = config.typeVocabSize();
            specs.add(BertWeights.table("embeddings.token_type_embeddings", types, e));
        }
        if (config.hasEmbeddingProjection()) {
            specs.add(BertWeights.table(PROJECTION, h, e));
        }
        BertWeights.layerNorm(specs, BertArrangement.EMBEDDING_NORM, h);
        if (relative != null) {
            int rows = 2 * relative.buckets().span();
            specs.add(BertWeights.table(RELATIVE, rows, h));
            if (relative.normalized()) {
                BertWeights.layerNorm(specs, RELATIVE_NORM, h);
            }
        }
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            var prefix = "encoder.layer." + i + ".";
            BertWeights.layer(specs, prefix, config);
            if (relative != null && !relative.sharedProjections()) {
                if (relative.queriesToPositions()) {
                    BertWeights.linear(specs, prefix + relative.keyName(), h, h);
                }
                if (relative.positionsToKeys()) {
                    BertWeights.linear(specs, prefix + relative.queryName(), h, h);
                }
            }
            if (i == 0) {
                convolution(specs, layers, h);
            }
        }
        return specs;
    }

    private static void convolution(List<ParameterSpec> specs, DisentangledConfig layers, int h) {
        var convolution = layers.convolution();
        if (convolution == null) {
            return;
        }
        var name = CONVOLUTION;
        var shape = new long[] {h, h, convolution.width()};
        specs.add(new ParameterSpec(name + ".weight", shape, Initializer.BERT));
        specs.add(new ParameterSpec(name + ".bias", new long[] {h}, new Initializer.Constant(0)));
        BertWeights.layerNorm(specs, CONVOLUTION_NORM, h);
    }
}
