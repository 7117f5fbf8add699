package dev.mtl.core.model;

import com.fasterxml.jackson.databind.node.ArrayNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.bert.ConfigJson;
import dev.mtl.core.bert.SequenceLength;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Writes an encoder with some of the layers of another: the student that distillation starts from
 * (Sanh et al. 2019).
 */
public final class LayerPruning {
    private static final String LAYER = "encoder.layer.";

    private LayerPruning() {}

    /**
     * Writes a model of sentence-transformers: the embeddings, the named layers in their order, the
     * tokenizer, and what makes sentence embeddings. Heads of a trained model are left out, an
     * adapter is merged.
     *
     * @param layers the layers that stay, from 1, ascending
     * @param output a new or empty directory
     * @throws ConfigurationException if there are no such layers, the layers of the model are not
     *     alike, or the directory is in use
     * @throws MtlException if a file cannot be read or written
     */
    public static void prune(ModelDirectory model, List<Integer> layers, Path output) {
        var config = BertConfig.read(model.config());
        requireLayers(model, layers, config);
        if (!AtomicDirectory.isFree(output)) {
            throw new ConfigurationException(
                    output + " exists already; name a new or empty directory");
        }
        var readout = SentenceModules.readout(model.path());
        int maxLength = SequenceLength.choose(null, model.path(), config);
        try (var owner = TensorScope.shared();
                var _ = TensorScope.open()) {
            var whole = BertWeights.load(model.weights(), config, Device.CPU, owner);
            var dense = new LinkedHashMap<String, Tensor>();
            SentenceModules.readWeights(
                    model.path(), readout, config.hiddenSize(), Device.CPU, owner, dense);
            AtomicDirectory.replace(
                    output,
                    staging -> {
                        var pruned = writeConfig(model, layers, config.numHiddenLayers(), staging);
                        EncoderFiles.copyTokenizer(model, staging);
                        SentenceConfig.copy(model.path(), staging, null, null);
                        SentenceModules.write(
                                staging,
                                readout,
                                new Parameters(dense),
                                config.hiddenSize(),
                                maxLength);
                        EncoderFiles.writeWeights(staging, pruned, kept(whole, pruned, layers));
                    });
        }
    }

    private static void requireLayers(
            ModelDirectory model, List<Integer> layers, BertConfig config) {
        int depth = config.numHiddenLayers();
        boolean ascending =
                layers.stream().sorted().toList().equals(layers)
                        && new HashSet<>(layers).size() == layers.size();
        if (layers.isEmpty() || !ascending || layers.getFirst() < 1 || layers.getLast() > depth) {
            throw new ConfigurationException(
                    "layers %s: name some of the layers 1 to %d of %s, ascending"
                            .formatted(layers, depth, model.name()));
        }
        var rotary = config.rotary();
        if (rotary != null && new HashSet<>(rotary.layers()).size() > 1) {
            throw new ConfigurationException(
                    "%s: some of its layers attend to a window and some to the whole text, by their number; such layers cannot be taken out"
                            .formatted(model.name()));
        }
    }

    /** Writes {@code config.json}, and reads it again. */
    private static BertConfig writeConfig(
            ModelDirectory model, List<Integer> layers, int depth, Path directory)
            throws IOException {
        var config = ConfigJson.of(model);
        for (var key : List.of("num_hidden_layers", "n_layers", "n_layer")) {
            if (config.has(key)) {
                config.put(key, layers.size());
            }
        }
        for (var entry : config.properties()) {
            // Such as layer_types: a value for each layer.
            if (entry.getKey().startsWith("layer_")
                    && entry.getValue() instanceof ArrayNode values
                    && values.size() == depth) {
                var kept = values.arrayNode();
                layers.forEach(layer -> kept.add(values.get(layer - 1)));
                entry.setValue(kept);
            }
        }
        var file = directory.resolve("config.json");
        ModelFiles.write(file, config);
        var pruned = BertConfig.read(file);
        if (pruned.numHiddenLayers() != layers.size()) {
            throw new MtlException(
                    model.config() + ": has no key that MTL knows for the number of layers");
        }
        return pruned;
    }

    private static Parameters kept(Parameters whole, BertConfig pruned, List<Integer> layers) {
        var kept = new LinkedHashMap<String, Tensor>();
        for (var spec : BertWeights.specs(pruned)) {
            kept.put(spec.name(), whole.get(original(spec.name(), layers)));
        }
        return new Parameters(kept);
    }

    /** The name that a tensor has in the model with all layers. */
    private static String original(String name, List<Integer> layers) {
        // The convolution of DeBERTa v2 is none of the first layer's parts.
        if (!name.startsWith(LAYER) || name.startsWith(LAYER + "0.convolution")) {
            return name;
        }
        int end = name.indexOf('.', LAYER.length());
        int layer = Integer.parseInt(name, LAYER.length(), end, 10);
        return LAYER + (layers.get(layer) - 1) + name.substring(end);
    }
}
