package dev.mtl.core.pooling.modules;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * The files that make a Hugging Face directory a model of {@code sentence-transformers}: {@code
 * modules.json}, the folders that it names, and where the longest input is written.
 *
 * @see <a href="https://github.com/huggingface/sentence-transformers">sentence-transformers</a>,
 *     versions 2 to 6
 */
public final class SentenceModules {
    private static final String FILE = "modules.json";
    private static final String POOLING = "1_Pooling";

    private SentenceModules() {}

    /** An entry of {@code modules.json}: the class's name without its package, and its folder. */
    private record Entry(String name, Path folder) {
        static List<Entry> read(Path directory) {
            var file = directory.resolve(FILE);
            var modules = new ArrayList<Entry>();
            for (var module : JsonFiles.read(file)) {
                modules.add(of(directory, file, module));
            }
            return modules;
        }

        private static Entry of(Path directory, Path file, JsonNode json) {
            var type = json.path("type").asText();
            var name = type.substring(type.lastIndexOf('.') + 1);
            if (!KNOWN.contains(name)) {
                throw new MtlException(
                        ("%s: module '%s' is not known; known: %s. Without this file, the"
                                        + " encoder's token embeddings are pooled to their mean")
                                .formatted(file, type, String.join(", ", KNOWN)));
            }
            return new Entry(name, directory.resolve(json.path("path").asText()));
        }

        private static final List<String> KNOWN =
                List.of("Transformer", "Pooling", "Dense", "Dropout", "Normalize", "LayerNorm");
    }

    /**
     * What {@code modules.json} says, or the plain mean where there is none.
     *
     * @throws MtlException if it names a module, or modules in an order, that MTL does not compute
     */
    public static Readout readout(Path directory) {
        var file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return Readout.MEAN;
        }
        var readout = Readout.MEAN;
        var dense = new ArrayList<Dense>();
        var normalizations = new ArrayList<Normalization>();
        for (var module : Entry.read(directory)) {
            switch (module.name()) {
                case "Pooling" -> readout = PoolingModule.read(module.folder());
                case "Dense" -> {
                    if (!normalizations.isEmpty()) {
                        throw new MtlException(
                                file + ": a Dense after Normalize or LayerNorm cannot be used");
                    }
                    dense.add(DenseModule.read(module.folder()));
                }
                case "Normalize" -> normalizations.add(Normalization.L2);
                case "LayerNorm" -> {
                    LayerNormModule.requirePlain(module.folder());
                    normalizations.add(Normalization.LAYER_NORM);
                }
                default -> {} // the encoder itself; Dropout, which is for training
            }
        }
        if (normalizations.size() > 1) {
            throw new MtlException(file + ": only one of Normalize and LayerNorm can be used");
        }
        return new Readout(
                readout.poolings(),
                readout.includesPrompt(),
                dense,
                normalizations.isEmpty() ? Normalization.NONE : normalizations.getFirst());
    }

    /**
     * Reads the weights of the layers of {@link #readout}, by their names in a model.
     *
     * @param hiddenSize H, the length of a token embedding
     * @param tensors takes the weights; unchanged if there are no layers
     * @param owner takes the tensors
     * @throws MtlException if a file is missing, or its tensors have other shapes
     */
    public static void readWeights(
            Path directory,
            Readout readout,
            int hiddenSize,
            Device device,
            TensorScope owner,
            SequencedMap<String, Tensor> tensors) {
        if (readout.dense().isEmpty()) {
            return;
        }
        var folders =
                Entry.read(directory).stream()
                        .filter(module -> module.name().equals("Dense"))
                        .map(Entry::folder)
                        .toList();
        int width = readout.poolings().size() * hiddenSize;
        for (int i = 0; i < folders.size(); i++) {
            var layer = readout.dense().get(i);
            if (layer.inFeatures() != width) {
                throw new MtlException(
                        "%s: a Dense of %d inputs after %d values"
                                .formatted(folders.get(i), layer.inFeatures(), width));
            }
            width = layer.outFeatures();
            DenseModule.readWeights(
                    folders.get(i), layer, Readout.prefix(i), device, owner, tensors);
        }
    }

    /** The longest input in tokens that the files name, special tokens included. */
    public static OptionalInt maxLength(Path directory) {
        for (var place : Map.of("sentence_bert_config.json", "max_seq_length").entrySet()) {
            var file = directory.resolve(place.getKey());
            if (Files.exists(file) && JsonFiles.read(file).path(place.getValue()).isInt()) {
                return OptionalInt.of(JsonFiles.read(file).path(place.getValue()).asInt());
            }
        }
        var tokenizer = directory.resolve("tokenizer_config.json");
        if (Files.exists(tokenizer)) {
            var length = JsonFiles.read(tokenizer).path("model_max_length");
            if (length.isInt()) {
                return OptionalInt.of(length.asInt());
            }
        }
        return OptionalInt.empty();
    }

    /**
     * Writes the files beside a Hugging Face model, in the form that all versions read.
     *
     * @param weights with those of {@link Readout#specs}
     */
    public static void write(
            Path directory, Readout readout, Parameters weights, int hiddenSize, int maxLength)
            throws IOException {
        var modules = new ArrayList<Map<String, Object>>();
        modules.add(module(0, "", "Transformer"));
        modules.add(module(1, POOLING, "Pooling"));
        PoolingModule.write(directory.resolve(POOLING), readout, hiddenSize);
        for (int i = 0; i < readout.dense().size(); i++) {
            var folder = directory.resolve(add(modules, "Dense"));
            var layer = readout.dense().get(i);
            DenseModule.write(folder, layer, weights.in(Readout.prefix(i)));
        }
        switch (readout.normalization()) {
            case NONE -> {}
            case L2 -> Files.createDirectories(directory.resolve(add(modules, "Normalize")));
            case LAYER_NORM ->
                    LayerNormModule.write(
                            directory.resolve(add(modules, "LayerNorm")),
                            readout.withTruncateDim(null).dimensions(hiddenSize));
        }
        var transformer = new LinkedHashMap<String, Object>();
        transformer.put("max_seq_length", maxLength);
        transformer.put("do_lower_case", false);
        JsonFiles.write(directory.resolve("sentence_bert_config.json"), transformer);
        JsonFiles.write(directory.resolve(FILE), modules);
    }

    /** Adds the next module and returns its folder. */
    private static String add(List<Map<String, Object>> modules, String type) {
        var folder = modules.size() + "_" + type;
        modules.add(module(modules.size(), folder, type));
        return folder;
    }

    private static Map<String, Object> module(int index, String path, String type) {
        var module = new LinkedHashMap<String, Object>();
        module.put("idx", index);
        module.put("name", String.valueOf(index));
        module.put("path", path);
        module.put("type", "sentence_transformers.models." + type);
        return module;
    }
}
