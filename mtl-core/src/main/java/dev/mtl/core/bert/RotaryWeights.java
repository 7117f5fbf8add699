package dev.mtl.core.bert;

import dev.mtl.core.bert.RotaryConfig.NormKind;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.ParameterSpec;

import java.util.ArrayList;
import java.util.List;

/** The weights of an encoder that {@link RotaryArrangement} makes. */
final class RotaryWeights {
    private final List<ParameterSpec> specs = new ArrayList<>();
    private final BertConfig config;
    private final RotaryConfig rotary;

    private RotaryWeights(BertConfig config, RotaryConfig rotary) {
        this.config = config;
        this.rotary = rotary;
    }

    static List<ParameterSpec> specs(BertConfig config, RotaryConfig rotary) {
        var weights = new RotaryWeights(config, rotary);
        weights.embeddings();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            weights.layer(i);
        }
        return weights.specs;
    }

    private void embeddings() {
        int h = config.hiddenSize();
        specs.add(BertWeights.table("embeddings.word_embeddings", config.vocabSize(), h));
        if (config.typeVocabSize() > 0) {
            specs.add(
                    BertWeights.table(
                            "embeddings.token_type_embeddings", config.typeVocabSize(), h));
        }
        if (rotary.embeddingNorm()) {
            norm(BertArrangement.EMBEDDING_NORM);
        }
    }

    private void layer(int index) {
        int h = config.hiddenSize();
        int inner = config.intermediateSize();
        var prefix = RotaryArrangement.layerPrefix(index);
        var biases = rotary.biases();
        if (rotary.preNorm() && RotaryArrangement.hasAttentionNorm(rotary, index)) {
            norm(prefix + RotaryArrangement.attentionNorm(rotary));
        }
        projections(prefix);
        linear(prefix + RotaryArrangement.ATTENTION_OUTPUT, h, h, biases.attention());
        norm(
                prefix
                        + (rotary.preNorm()
                                ? RotaryArrangement.feedForwardNorm(rotary)
                                : RotaryArrangement.attentionNorm(rotary)));
        var gate = RotaryArrangement.gate(rotary, prefix);
        gate.forEach(name -> linear(name, h, 2 * inner / gate.size(), biases.gate()));
        linear(prefix + RotaryArrangement.FEED_FORWARD_OUTPUT, inner, h, biases.feedForward());
        if (!rotary.preNorm()) {
            norm(prefix + RotaryArrangement.feedForwardNorm(rotary));
        } else if (RotaryArrangement.hasFinalNorm(config, rotary, index)) {
            norm(prefix + RotaryArrangement.finalNorm());
        }
    }

    private void projections(String prefix) {
        int h = config.hiddenSize();
        int keys = h / config.numAttentionHeads() * rotary.keyHeads();
        boolean bias = rotary.biases().attention();
        var names = RotaryArrangement.projections(rotary, prefix);
        if (names.size() == 1) {
            linear(names.getFirst(), h, h + 2 * keys, bias);
        } else {
            linear(names.get(0), h, h, bias);
            linear(names.get(1), h, keys, bias);
            linear(names.get(2), h, keys, bias);
        }
    }

    private void linear(String name, int in, int out, boolean bias) {
        specs.add(BertWeights.table(name, out, in));
        if (bias) {
            vector(name + ".bias", out, 0);
        }
    }

    private void norm(String name) {
        vector(name + ".weight", config.hiddenSize(), 1);
        if (rotary.norm() == NormKind.LAYER_NORM) {
            vector(name + ".bias", config.hiddenSize(), 0);
        }
    }

    private void vector(String name, int size, double value) {
        specs.add(new ParameterSpec(name, new long[] {size}, new Initializer.Constant(value)));
    }
}
