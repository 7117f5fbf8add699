package dev.mtl.core.bert;

import dev.mtl.core.rotary.GatedFeedForward;
import dev.mtl.core.rotary.PreNormLayer;
import dev.mtl.core.rotary.RotaryAttention;
import dev.mtl.core.rotary.RotaryPositions;
import dev.mtl.core.rotary.Window;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.EncoderLayer;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.Norm;
import dev.mtl.core.transformer.TransformerEncoder;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/**
 * Encoders with rotary positions and gated feed-forward blocks, such as ModernBERT, as an
 * arrangement of parts.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/modernbert/modular_modernbert.py">modular_modernbert.py</a>
 */
final class RotaryArrangement {
    static final String NORM_BEFORE_ATTENTION = "attention.LayerNorm";
    static final String NORM_BEFORE_FEED_FORWARD = "intermediate.LayerNorm";
    static final String OUTPUT_NORM = "output.LayerNorm";
    static final String ATTENTION_OUTPUT = "attention.output.dense";
    static final String FEED_FORWARD_OUTPUT = "output.dense";

    private final BertConfig config;
    private final RotaryConfig rotary;
    private final Kernels kernels;
    private final HashMap<Double, RotaryPositions> positions = new HashMap<>();
    private final HashMap<Integer, Window> windows = new HashMap<>();

    private RotaryArrangement(BertConfig config, RotaryConfig rotary, Kernels kernels) {
        this.config = config;
        this.rotary = rotary;
        this.kernels = kernels;
    }

    static TransformerEncoder encoder(BertConfig config, RotaryConfig rotary, Kernels kernels) {
        return new RotaryArrangement(config, rotary, kernels).encoder();
    }

    private TransformerEncoder encoder() {
        var embeddings =
                kernels.embeddings(
                        new Embeddings.Names(
                                BertArrangement.WORDS,
                                null,
                                null,
                                0,
                                "embeddings.LayerNorm",
                                rotary.normBias(),
                                config.layerNormEps(),
                                config.hiddenDropout()));
        var layers = new ArrayList<EncoderLayer>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layers.add(layer(i));
        }
        return new TransformerEncoder(embeddings, layers);
    }

    private EncoderLayer layer(int index) {
        var prefix = layerPrefix(index);
        var attentionNorm = hasAttentionNorm(index) ? norm(prefix + NORM_BEFORE_ATTENTION) : null;
        var attention = attention(prefix, rotary.layers().get(index));
        var feedForwardNorm = norm(prefix + NORM_BEFORE_FEED_FORWARD);
        var feedForward =
                new GatedFeedForward(
                        kernels.gated(gate(rotary, prefix), rotary.gateBias()),
                        config.hiddenAct(),
                        rotary.innerDropout(),
                        kernels.linear(prefix + FEED_FORWARD_OUTPUT, rotary.feedForwardBias()),
                        0);
        var outputNorm = hasOutputNorm(config, index) ? norm(prefix + OUTPUT_NORM) : null;
        return new PreNormLayer(attentionNorm, attention, feedForwardNorm, feedForward, outputNorm);
    }

    static String layerPrefix(int index) {
        return "encoder.layer." + index + ".";
    }

    /** The first layer's input is normalized by the embeddings. */
    static boolean hasAttentionNorm(int layer) {
        return layer > 0;
    }

    static boolean hasOutputNorm(BertConfig config, int layer) {
        return layer == config.numHiddenLayers() - 1;
    }

    /** The names of the projections of attention. */
    static List<String> projections(RotaryConfig rotary, String prefix) {
        var self = prefix + "attention.self.";
        return rotary.jointProjections()
                ? List.of(self + "query_key_value")
                : List.of(self + "query", self + "key", self + "value");
    }

    /** The names of the feed-forward block's first layer and its gate. */
    static List<String> gate(RotaryConfig rotary, String prefix) {
        var first = prefix + "intermediate.dense";
        return rotary.jointProjections()
                ? List.of(first)
                : List.of(first, prefix + "intermediate.gate");
    }

    private Norm norm(String name) {
        return kernels.layerNorm(name, rotary.normBias(), config.layerNormEps());
    }

    private RotaryAttention attention(String prefix, RotaryConfig.Attention attention) {
        int width = config.hiddenSize() / config.numAttentionHeads();
        return new RotaryAttention(
                kernels.queryKeyValue(projections(rotary, prefix), rotary.attentionBias()),
                config.numAttentionHeads(),
                positions.computeIfAbsent(
                        attention.theta(),
                        theta -> new RotaryPositions(width, theta, config.maxLength())),
                window(attention.reach()),
                config.attentionDropout(),
                kernels.linear(prefix + ATTENTION_OUTPUT, rotary.attentionBias()),
                rotary.outputDropout());
    }

    private @Nullable Window window(int reach) {
        return reach == 0 ? null : windows.computeIfAbsent(reach, Window::new);
    }
}
