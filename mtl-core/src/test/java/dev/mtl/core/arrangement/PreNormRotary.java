package dev.mtl.core.arrangement;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.transformer.Activation;
import dev.mtl.core.transformer.AttentionBias;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.EncoderLayer;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.Linear;
import dev.mtl.core.transformer.Norm;
import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.PositionTransform;
import dev.mtl.core.transformer.SelfAttention;
import dev.mtl.core.transformer.Sublayer;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

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
                        new Embeddings.Names("words", null, null, 0, "embeddings", EPS, 0));
        AttentionBias window = PreNormRotary::window;
        var layers = new ArrayList<EncoderLayer>();
        for (int i = 0; i < LAYERS; i++) {
            var layer = i + ".";
            var attention =
                    new SelfAttention(
                            kernels.queryKeyValue(layer + "q", layer + "k", layer + "v"),
                            HEADS,
                            PreNormRotary::rotate,
                            i % 2 == 0 ? null : window,
                            0,
                            kernels.linear(layer + "o"),
                            0);
            layers.add(
                    new Layer(
                            kernels.layerNorm(layer + "norm1", EPS),
                            attention,
                            kernels.layerNorm(layer + "norm2", EPS),
                            new Gated(
                                    kernels.linear(layer + "up"),
                                    kernels.linear(layer + "gate"),
                                    kernels.linear(layer + "down"))));
        }
        var norm = kernels.layerNorm("final", EPS);
        layers.add((input, pass) -> norm.apply(input));
        return new TransformerEncoder(embeddings, layers);
    }

    /** {@code h = x + attention(norm(x)); h + feedForward(norm(h))}. */
    private record Layer(
            Norm attentionNorm, Sublayer attention, Norm feedForwardNorm, Sublayer feedForward)
            implements EncoderLayer {
        @Override
        public Tensor forward(Tensor input, Pass pass) {
            try (var normalized = attentionNorm.apply(input);
                    var attended = attention.addTo(input, normalized, pass);
                    var again = feedForwardNorm.apply(attended)) {
                return feedForward.addTo(attended, again, pass);
            }
        }
    }

    /** {@code down(gelu(up(x)) * gate(x))}. */
    private record Gated(Linear up, Linear gate, Linear down) implements Sublayer {
        @Override
        public Tensor addTo(Tensor residual, Tensor input, Pass pass) {
            try (var activated = up.apply(input, Activation.GELU_TANH);
                    var gates = gate.apply(input);
                    var inner = activated.mul(gates)) {
                return down.addTo(residual, inner, 0, pass.mode());
            }
        }
    }

    /**
     * Rotary positions by halves (Su et al. 2021).
     *
     * @see PositionTransform#apply
     */
    private static Tensor rotate(Tensor heads) {
        try (var scope = TensorScope.open()) {
            int length = Math.toIntExact(heads.size(2));
            int half = Math.toIntExact(heads.size(3)) / 2;
            var first = heads.slice(3, 0, half);
            var second = heads.slice(3, half, 2L * half);
            var cos = Tensors.of(angles(length, half, true), length, half);
            var sin = Tensors.of(angles(length, half, false), length, half);
            return scope.moveOut(
                    Tensors.cat(
                            List.of(
                                    first.mul(cos).sub(second.mul(sin)),
                                    second.mul(cos).add(first.mul(sin))),
                            3));
        }
    }

    private static float[] angles(int length, int half, boolean cosine) {
        var values = new float[length * half];
        for (int i = 0; i < values.length; i++) {
            double angle = angle(i / half, i % half, half);
            values[i] = (float) (cosine ? Math.cos(angle) : Math.sin(angle));
        }
        return values;
    }

    static double angle(int position, int dimension, int half) {
        return position * Math.pow(THETA, -(double) dimension / half);
    }

    /** Tokens that are more than {@link #WINDOW} apart do not see each other, {@code [S, S]}. */
    private static Tensor window(TokenBatch batch) {
        int length = batch.length();
        var mask = new float[length * length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = Math.abs(i / length - i % length) > WINDOW ? -1e30f : 0;
        }
        return Tensors.of(mask, length, length);
    }
}
