package dev.mtl.core.arrangement;

import dev.mtl.core.rotary.GatedFeedForward;
import dev.mtl.core.rotary.PreNormLayer;
import dev.mtl.core.rotary.RotaryAttention;
import dev.mtl.core.rotary.RotaryPositions;
import dev.mtl.core.rotary.Window;
import dev.mtl.core.transformer.AttentionBlock;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.EncoderLayer;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.core.transformer.layers.Activation;

import java.util.ArrayList;
import java.util.List;

/**
 * Pre-norm layers, rotary positions, attention in a window in every other layer, gated feed-forward
 * blocks and a final norm: what ModernBERT has and BERT has not.
 */
final class PreNormRotary {
    static final int VOCABULARY = 11;
    static final int HIDDEN = 8;
    static final int HEADS = 2;
    static final int INNER = 12;
    static final int LAYERS = 2;
    static final int WINDOW = 1;
    static final double EPS = 1e-5;
    static final double THETA = 100;

    private PreNormRotary() {}

    static TransformerEncoder encoder(Kernels kernels) {
        var embeddings =
                kernels.embeddings(
                        new Embeddings.Names(
                                "words", null, null, 0, null, "embeddings", true, EPS, 0));
        var positions = new RotaryPositions(HIDDEN / HEADS, THETA, 1, 16);
        var window = new Window(WINDOW);
        var layers = new ArrayList<EncoderLayer>();
        for (int i = 0; i < LAYERS; i++) {
            var layer = i + ".";
            var attention =
                    new AttentionBlock(
                            kernels.queryKeyValue(layer + "q", layer + "k", layer + "v"),
                            new RotaryAttention(
                                    HEADS, HEADS, positions, i % 2 == 0 ? null : window, 0),
                            kernels.linear(layer + "o"),
                            0);
            layers.add(
                    new PreNormLayer(
                            kernels.layerNorm(layer + "norm1", EPS),
                            attention,
                            kernels.layerNorm(layer + "norm2", EPS),
                            new GatedFeedForward(
                                    kernels.gated(
                                            List.of(layer + "up", layer + "gate"), false, true),
                                    Activation.GELU_TANH,
                                    0,
                                    kernels.linear(layer + "down"),
                                    0),
                            i < LAYERS - 1 ? null : kernels.layerNorm("final", EPS)));
        }
        return new TransformerEncoder(embeddings, layers);
    }

    static double angle(int position, int dimension, int half) {
        return position * Math.pow(THETA, -(double) dimension / half);
    }
}
