package dev.mtl.core.bert;

import dev.mtl.core.bert.RotaryConfig.GateTensors;
import dev.mtl.core.bert.RotaryConfig.NormKind;
import dev.mtl.core.rotary.GatedFeedForward;
import dev.mtl.core.rotary.PreNormLayer;
import dev.mtl.core.rotary.RotaryAttention;
import dev.mtl.core.rotary.RotaryPositions;
import dev.mtl.core.rotary.Window;
import dev.mtl.core.transformer.AttentionBlock;
import dev.mtl.core.transformer.EncoderLayer;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.PostNormLayer;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.core.transformer.layers.Norm;

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
public final class RotaryArrangement {
    private static final String OUTPUT_NORM = "output.LayerNorm";

    /** Attention's output layer, after the prefix of its layer. */
    public static final String ATTENTION_OUTPUT = "attention.output.dense";

    /** The feed-forward block's output layer, after the prefix of its layer. */
    public static final String FEED_FORWARD_OUTPUT = "output.dense";

    private final BertConfig config;
    private final RotaryConfig rotary;
    private final Kernels kernels;
    private final HashMap<Frequencies, RotaryPositions> positions = new HashMap<>();
    private final HashMap<Integer, Window> windows = new HashMap<>();

    /** What layers that share positions have in common. */
    private record Frequencies(double theta, double divisor) {}

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
                        BertArrangement.embeddingNames(
                                config,
                                null,
                                null,
                                rotary.embeddingNorm() ? BertArrangement.EMBEDDING_NORM : null,
                                rotary.norm() == NormKind.LAYER_NORM));
        var layers = new ArrayList<EncoderLayer>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layers.add(layer(i));
        }
        return new TransformerEncoder(embeddings, layers);
    }

    private EncoderLayer layer(int index) {
        var prefix = layerPrefix(index);
        if (!rotary.preNorm()) {
            var attention = attention(prefix, rotary.layers().get(index));
            var attentionNorm = norm(prefix + attentionNorm(rotary));
            var feedForward = feedForward(prefix);
            return new PostNormLayer(
                    attention, attentionNorm, feedForward, norm(prefix + feedForwardNorm(rotary)));
        }
        var attentionNorm =
                hasAttentionNorm(rotary, index) ? norm(prefix + attentionNorm(rotary)) : null;
        var attention = attention(prefix, rotary.layers().get(index));
        var feedForwardNorm = norm(prefix + feedForwardNorm(rotary));
        var feedForward = feedForward(prefix);
        var outputNorm = hasFinalNorm(config, rotary, index) ? norm(prefix + OUTPUT_NORM) : null;
        return new PreNormLayer(attentionNorm, attention, feedForwardNorm, feedForward, outputNorm);
    }

    /** The prefix of a layer's tensors. */
    public static String layerPrefix(int index) {
        return "encoder.layer." + index + ".";
    }

    /** The norm before attention, or after it in post-norm layers; after a layer's prefix. */
    public static String attentionNorm(RotaryConfig rotary) {
        return rotary.preNorm() ? "attention.LayerNorm" : "attention.output.LayerNorm";
    }

    /** The norm before the feed-forward block, or after it; after a layer's prefix. */
    public static String feedForwardNorm(RotaryConfig rotary) {
        return rotary.preNorm() ? "intermediate.LayerNorm" : OUTPUT_NORM;
    }

    /** The norm after the last of the pre-norm layers; after its prefix. */
    public static String finalNorm() {
        return OUTPUT_NORM;
    }

    /** The first of the pre-norm layers has none if the embeddings are normalized. */
    public static boolean hasAttentionNorm(RotaryConfig rotary, int layer) {
        return !rotary.preNorm() || layer > 0 || !rotary.embeddingNorm();
    }

    /** Whether {@link #finalNorm} follows a layer. */
    public static boolean hasFinalNorm(BertConfig config, RotaryConfig rotary, int layer) {
        return rotary.preNorm() && layer == config.numHiddenLayers() - 1;
    }

    /** The names of the projections of attention. */
    public static List<String> projections(RotaryConfig rotary, String prefix) {
        var self = prefix + "attention.self.";
        return rotary.jointProjections()
                ? List.of(self + "query_key_value")
                : List.of(self + "query", self + "key", self + "value");
    }

    /** The names of the feed-forward block's first layer and its gate. */
    public static List<String> gate(RotaryConfig rotary, String prefix) {
        var first = prefix + "intermediate.dense";
        return rotary.gate() == GateTensors.SEPARATE
                ? List.of(first, prefix + "intermediate.gate")
                : List.of(first);
    }

    private Norm norm(String name) {
        return switch (rotary.norm()) {
            case LAYER_NORM -> kernels.layerNorm(name, true, config.layerNormEps());
            case LAYER_NORM_WITHOUT_BIAS -> kernels.layerNorm(name, false, config.layerNormEps());
            case RMS_NORM -> kernels.rmsNorm(name, config.layerNormEps());
        };
    }

    private AttentionBlock attention(String prefix, RotaryConfig.Attention attention) {
        int width = config.hiddenSize() / config.numAttentionHeads();
        return new AttentionBlock(
                kernels.queryKeyValue(projections(rotary, prefix), rotary.biases().attention()),
                new RotaryAttention(
                        config.numAttentionHeads(),
                        rotary.keyHeads(),
                        positions.computeIfAbsent(
                                new Frequencies(attention.theta(), attention.divisor()),
                                f ->
                                        new RotaryPositions(
                                                width, f.theta(), f.divisor(), config.maxLength())),
                        window(attention.reach()),
                        config.attentionDropout()),
                kernels.linear(prefix + ATTENTION_OUTPUT, rotary.biases().attention()),
                rotary.dropouts().attention());
    }

    private GatedFeedForward feedForward(String prefix) {
        return new GatedFeedForward(
                kernels.gated(
                        gate(rotary, prefix),
                        rotary.gate() == GateTensors.JOINT_GATE_FIRST,
                        rotary.biases().gate()),
                config.hiddenAct(),
                rotary.dropouts().inner(),
                kernels.linear(prefix + FEED_FORWARD_OUTPUT, rotary.biases().feedForward()),
                rotary.dropouts().feedForward());
    }

    private @Nullable Window window(int reach) {
        return reach == 0 ? null : windows.computeIfAbsent(reach, Window::new);
    }
}
