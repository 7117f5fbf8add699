package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.adapter.AdapterFiles;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** The weights of an encoder, by Hugging Face's names for BERT in every {@link ModelType}. */
public final class BertWeights {
    /** The name of the table of word embeddings. */
    public static final String WORDS = BertArrangement.WORDS;

    private BertWeights() {}

    /**
     * Every tensor of an encoder that {@link BertArrangement} makes, in the order of the layers.
     */
    public static List<ParameterSpec> specs(BertConfig config) {
        return switch (config.layers()) {
            case RotaryConfig rotary -> RotaryWeights.specs(config, rotary);
            case DisentangledConfig layers -> DebertaArrangement.specs(config, layers);
            case null -> bert(config);
        };
    }

    private static List<ParameterSpec> bert(BertConfig config) {
        int h = config.hiddenSize();
        int e = config.embeddingSize();
        var specs = new ArrayList<ParameterSpec>();
        specs.add(table("embeddings.word_embeddings", config.vocabSize(), e));
        specs.add(table("embeddings.position_embeddings", config.maxPositionEmbeddings(), e));
        if (config.typeVocabSize() > 0) {
            specs.add(table("embeddings.token_type_embeddings", config.typeVocabSize(), e));
        }
        if (config.hasRelativePositions()) {
            var shape = new long[] {RelativePositions.BUCKETS, config.numAttentionHeads()};
            specs.add(new ParameterSpec(RelativePositions.WEIGHT, shape, Initializer.BERT));
        }
        layerNorm(specs, "embeddings.LayerNorm", e);
        if (config.hasEmbeddingProjection()) {
            linear(specs, BertArrangement.PROJECTION, e, h);
        }
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layer(specs, "encoder.layer." + i + ".", config);
        }
        return specs;
    }

    static void layer(List<ParameterSpec> specs, String layer, BertConfig config) {
        int h = config.hiddenSize();
        for (var part : List.of("query", "key", "value")) {
            linear(specs, layer + "attention.self." + part, h, h);
        }
        linear(specs, layer + "attention.output.dense", h, h);
        layerNorm(specs, layer + "attention.output.LayerNorm", h);
        linear(specs, layer + "intermediate.dense", h, config.intermediateSize());
        linear(specs, layer + "output.dense", config.intermediateSize(), h);
        layerNorm(specs, layer + "output.LayerNorm", h);
    }

    static ParameterSpec table(String name, int rows, int columns) {
        return new ParameterSpec(name + ".weight", new long[] {rows, columns}, Initializer.BERT);
    }

    static void linear(List<ParameterSpec> specs, String name, int in, int out) {
        for (var part : ParameterSpec.linear(in, out)) {
            specs.add(
                    new ParameterSpec(name + "." + part.name(), part.shape(), part.initializer()));
        }
    }

    static void layerNorm(List<ParameterSpec> specs, String name, int size) {
        specs.add(
                new ParameterSpec(
                        name + ".weight", new long[] {size}, new Initializer.Constant(1)));
        specs.add(
                new ParameterSpec(name + ".bias", new long[] {size}, new Initializer.Constant(0)));
    }

    /** An adapter of an encoder, its matrices owned by the innermost scope. */
    public static AdapterFiles.Stored adapter(Path directory, BertConfig config) {
        var type = config.modelType();
        return AdapterFiles.read(directory, specs(config), type::hfName, type.prefix());
    }

    /**
     * Reads the tensors of a {@code model.safetensors}, or of the files that a {@code
     * model.safetensors.index.json} names, as FLOAT32, with the adapter that is beside them.
     *
     * @param owner takes the tensors
     * @throws MtlException if the tensors do not match {@code config}; lists the differences
     */
    public static Parameters load(Path file, BertConfig config, Device device, TensorScope owner) {
        return load(BertCheckpoint.open(file, config), config, device, owner);
    }

    /** The same without an adapter that is beside them. */
    public static Parameters loadPlain(
            Path file, BertConfig config, Device device, TensorScope owner) {
        return load(BertCheckpoint.openPlain(file, config), config, device, owner);
    }

    private static Parameters load(
            BertCheckpoint opened, BertConfig config, Device device, TensorScope owner) {
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var reader = opened) {
            for (var spec : specs(config)) {
                try (var _ = TensorScope.open()) {
                    tensors.put(spec.name(), owner.take(reader.read(spec.name()).to(device)));
                }
            }
        }
        return new Parameters(tensors);
    }

    /**
     * Reads the table of word embeddings alone, as FLOAT32.
     *
     * @param owner takes the tensor
     */
    public static Tensor loadWords(Path file, BertConfig config, Device device, TensorScope owner) {
        try (var reader = BertCheckpoint.open(file, config);
                var _ = TensorScope.open()) {
            return owner.take(reader.read(WORDS).to(device));
        }
    }

    /**
     * Draws new tensors, in the order of {@link #specs}, from the thread's random stream.
     *
     * @param owner takes the tensors
     */
    public static Parameters random(BertConfig config, TensorScope owner) {
        var tensors = new LinkedHashMap<String, Tensor>();
        try (var _ = TensorScope.open()) {
            for (var spec : specs(config)) {
                tensors.put(spec.name(), owner.take(spec.initializer().make(spec.shape())));
            }
        }
        return new Parameters(tensors);
    }
}
