package dev.mtl.core.export;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.RotaryArrangement;
import dev.mtl.core.bert.RotaryConfig;
import dev.mtl.core.bert.RotaryConfig.GateTensors;
import dev.mtl.core.rotary.RotaryPositions;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The encoder of {@link RotaryArrangement} in evaluation mode, as ONNX operators. A window is a
 * mask over all pairs of tokens here.
 */
final class OnnxRotary {
    private final OnnxModel onnx;
    private final BertConfig config;
    private final RotaryConfig rotary;
    private final OnnxLayers layers;
    private final int heads;
    private final int width;
    private final Map<RotaryConfig.Attention, Angles> angles = new HashMap<>();
    private final Map<Integer, String> biases = new HashMap<>();

    /**
     * What all layers read.
     *
     * @param positions 0 to S - 1, FLOAT32 {@code [S]}
     * @param padding added to attention scores, {@code [B, 1, 1, S]}
     */
    private record Batch(String positions, String padding) {}

    /** Cosines and sines of all positions, {@code [S, d / 2]} each. */
    private record Angles(String cosines, String sines) {}

    OnnxRotary(OnnxModel onnx, BertConfig config, RotaryConfig rotary, OnnxLayers layers) {
        this.onnx = onnx;
        this.config = config;
        this.rotary = rotary;
        this.layers = layers;
        heads = config.numAttentionHeads();
        width = config.hiddenSize() / heads;
    }

    /**
     * Adds all layers.
     *
     * @param types {@code [B, S]}; null if the encoder has no token types
     * @param padding added to attention scores, {@code [B, 1, 1, S]}
     * @return {@code [B, S, H]}
     */
    String forward(String ids, @Nullable String types, String padding) {
        var batch = new Batch(positions(ids), padding);
        var words = OnnxBert.words(layers, ids, types);
        var hidden = rotary.embeddingNorm() ? norm("embeddings.LayerNorm", words) : words;
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            hidden = layer(i, hidden, batch);
        }
        return hidden;
    }

    /** 0 to S - 1, FLOAT32 {@code [S]}. */
    private String positions(String ids) {
        var length = onnx.add("Squeeze", List.of(layers.length(ids), onnx.constant(List.of(0L))));
        var range = onnx.add("Range", List.of(onnx.scalar(0), length, onnx.scalar(1)));
        return onnx.add("Cast", List.of(range), OnnxProto.attribute("to", OnnxProto.FLOAT));
    }

    private String layer(int index, String input, Batch batch) {
        var prefix = RotaryArrangement.layerPrefix(index);
        var attention = rotary.layers().get(index);
        var attentionNorm = prefix + RotaryArrangement.attentionNorm(rotary);
        var feedForwardNorm = prefix + RotaryArrangement.feedForwardNorm(rotary);
        if (!rotary.preNorm()) {
            var sum = layers.add(attend(prefix, attention, input, batch), input);
            var attended = norm(attentionNorm, sum);
            return norm(feedForwardNorm, layers.add(feedForward(prefix, attended), attended));
        }
        var normalized =
                RotaryArrangement.hasAttentionNorm(rotary, index)
                        ? norm(attentionNorm, input)
                        : input;
        var attended = layers.add(attend(prefix, attention, normalized, batch), input);
        var sum = layers.add(feedForward(prefix, norm(feedForwardNorm, attended)), attended);
        return RotaryArrangement.hasFinalNorm(config, rotary, index)
                ? norm(prefix + RotaryArrangement.finalNorm(), sum)
                : sum;
    }

    private String attend(
            String prefix, RotaryConfig.Attention attention, String input, Batch batch) {
        long hidden = config.hiddenSize();
        long shared = (long) rotary.keyHeads() * width;
        var names = RotaryArrangement.projections(rotary, prefix);
        boolean bias = rotary.biases().attention();
        String query;
        String key;
        String value;
        if (names.size() == 1) {
            var joint = layers.linear(names.getFirst(), bias, input);
            query = layers.slice(joint, 0, hidden, 2);
            key = layers.slice(joint, hidden, hidden + shared, 2);
            value = layers.slice(joint, hidden + shared, hidden + 2 * shared, 2);
        } else {
            query = layers.linear(names.get(0), bias, input);
            key = layers.linear(names.get(1), bias, input);
            value = layers.linear(names.get(2), bias, input);
        }
        var rotation = angles.computeIfAbsent(attention, a -> angles(a, batch.positions()));
        var queries = rotate(layers.byHead(query, heads, width), rotation);
        var keys = rotate(layers.byHead(key, rotary.keyHeads(), width), rotation);
        var context =
                layers.attend(
                        onnx.add("MatMul", List.of(queries, turned(forAllHeads(keys)))),
                        (float) (1 / Math.sqrt((double) width)),
                        biases.computeIfAbsent(attention.reach(), reach -> bias(reach, batch)),
                        forAllHeads(layers.byHead(value, rotary.keyHeads(), width)),
                        hidden);
        return layers.linear(prefix + RotaryArrangement.ATTENTION_OUTPUT, bias, context);
    }

    /** The last two dimensions in the other order. */
    private String turned(String keys) {
        return layers.transpose(keys, List.of(0L, 1L, 3L, 2L));
    }

    private Angles angles(RotaryConfig.Attention attention, String positions) {
        var frequencies =
                RotaryPositions.frequencies(width, attention.theta(), attention.divisor());
        var name = "frequencies_" + attention.theta() + "_" + attention.divisor();
        var all = layers.multiply(layers.unsqueeze(positions, 1), onnx.constant(name, frequencies));
        return new Angles(onnx.add("Cos", List.of(all)), onnx.add("Sin", List.of(all)));
    }

    /**
     * Rotates the halves of each head against each other.
     *
     * @param tokens {@code [B, heads, S, d]}
     */
    private String rotate(String tokens, Angles turned) {
        var first = layers.slice(tokens, 0, width / 2, 3);
        var second = layers.slice(tokens, width / 2, width, 3);
        var a =
                onnx.add(
                        "Sub",
                        List.of(
                                layers.multiply(first, turned.cosines()),
                                layers.multiply(second, turned.sines())));
        var b =
                layers.add(
                        layers.multiply(second, turned.cosines()),
                        layers.multiply(first, turned.sines()));
        return onnx.add("Concat", List.of(a, b), OnnxProto.attribute("axis", -1));
    }

    /**
     * Repeats keys or values that heads share, {@code [B, K, S, d]} to {@code [B, heads, S, d]}.
     */
    private String forAllHeads(String shared) {
        long times = heads / rotary.keyHeads();
        if (times == 1) {
            return shared;
        }
        var shape = onnx.constant(List.of(1L, 1L, times, 1L, 1L));
        var repeated = onnx.add("Expand", List.of(layers.unsqueeze(shared, 2), shape));
        return layers.reshape(repeated, List.of(0L, (long) heads, -1L, (long) width));
    }

    /** Padding, and what hides tokens that are too far away: {@code [B, 1, 1 or S, S]}. */
    private String bias(int reach, Batch batch) {
        if (reach == 0) {
            return batch.padding();
        }
        var queries = layers.unsqueeze(batch.positions(), 1);
        var keys = layers.unsqueeze(batch.positions(), 0);
        var distances = onnx.add("Abs", List.of(onnx.add("Sub", List.of(queries, keys))));
        var far = onnx.add("Greater", List.of(distances, onnx.constant((float) reach)));
        var number = onnx.add("Cast", List.of(far), OnnxProto.attribute("to", OnnxProto.FLOAT));
        // Small enough that the sum with the mask of padding is finite.
        return layers.add(layers.multiply(number, onnx.constant(-1e30f)), batch.padding());
    }

    private String feedForward(String prefix, String input) {
        var names = RotaryArrangement.gate(rotary, prefix);
        boolean bias = rotary.biases().gate();
        long inner = config.intermediateSize();
        String first;
        String gate;
        if (names.size() == 1) {
            var both = layers.linear(names.getFirst(), bias, input);
            boolean gateFirst = rotary.gate() == GateTensors.JOINT_GATE_FIRST;
            first = layers.slice(both, gateFirst ? inner : 0, gateFirst ? 2 * inner : inner, 2);
            gate = layers.slice(both, gateFirst ? 0 : inner, gateFirst ? inner : 2 * inner, 2);
        } else {
            first = layers.linear(names.get(0), bias, input);
            gate = layers.linear(names.get(1), bias, input);
        }
        var product = layers.multiply(layers.activate(config.hiddenAct(), first), gate);
        return layers.linear(
                prefix + RotaryArrangement.FEED_FORWARD_OUTPUT,
                rotary.biases().feedForward(),
                product);
    }

    private String norm(String name, String input) {
        double eps = config.layerNormEps();
        return switch (rotary.norm()) {
            case LAYER_NORM -> layers.layerNorm(name, true, eps, input);
            case LAYER_NORM_WITHOUT_BIAS -> layers.layerNorm(name, false, eps, input);
            case RMS_NORM -> layers.rmsNorm(name, eps, input);
        };
    }
}
