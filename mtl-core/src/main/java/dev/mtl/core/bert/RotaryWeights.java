package dev.mtl.core.bert;

import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.ParameterSpec;

import java.util.ArrayList;
import java.util.List;

/** The weights of an encoder that {@link RotaryArrangement} makes. */
final class RotaryWeights {
    private final List<ParameterSpec> specs = new ArrayList<>();

    private RotaryWeights() {}

    static List<ParameterSpec> specs(BertConfig config, RotaryConfig rotary) {
        var weights = new RotaryWeights();
        weights.add(config, rotary);
        return weights.specs;
    }

    private void add(BertConfig config, RotaryConfig rotary) {
        int h = config.hiddenSize();
        int inner = config.intermediateSize();
        specs.add(BertWeights.table("embeddings.word_embeddings", config.vocabSize(), h));
        norm("embeddings.LayerNorm", h, rotary);
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            var prefix = RotaryArrangement.layerPrefix(i);
            if (RotaryArrangement.hasAttentionNorm(i)) {
                norm(prefix + RotaryArrangement.NORM_BEFORE_ATTENTION, h, rotary);
            }
            linears(
                    RotaryArrangement.projections(rotary, prefix),
                    h,
                    3 * h,
                    rotary.attentionBias());
            linear(prefix + RotaryArrangement.ATTENTION_OUTPUT, h, h, rotary.attentionBias());
            norm(prefix + RotaryArrangement.NORM_BEFORE_FEED_FORWARD, h, rotary);
            linears(RotaryArrangement.gate(rotary, prefix), h, 2 * inner, rotary.gateBias());
            linear(
                    prefix + RotaryArrangement.FEED_FORWARD_OUTPUT,
                    inner,
                    h,
                    rotary.feedForwardBias());
            if (RotaryArrangement.hasOutputNorm(config, i)) {
                norm(prefix + RotaryArrangement.OUTPUT_NORM, h, rotary);
            }
        }
    }

    /** Layers of one width that have so many outputs together. */
    private void linears(List<String> names, int in, int out, boolean bias) {
        names.forEach(name -> linear(name, in, out / names.size(), bias));
    }

    private void linear(String name, int in, int out, boolean bias) {
        specs.add(BertWeights.table(name, out, in));
        if (bias) {
            vector(name + ".bias", out, 0);
        }
    }

    private void norm(String name, int size, RotaryConfig rotary) {
        vector(name + ".weight", size, 1);
        if (rotary.normBias()) {
            vector(name + ".bias", size, 0);
        }
    }

    private void vector(String name, int size, double value) {
        specs.add(new ParameterSpec(name, new long[] {size}, new Initializer.Constant(value)));
    }
}
