package dev.mtl.core.pooling.modules;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.JsonFiles;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * The files that make a Hugging Face directory a model of {@code sentence-transformers}: {@code
 * modules.json}, {@code 1_Pooling/config.json}, and where the longest input is written.
 *
 * @see <a href="https://github.com/huggingface/sentence-transformers">sentence-transformers</a>,
 *     versions 2 to 6
 */
public final class SentenceModules {
    private SentenceModules() {}

    /** What {@code modules.json} says, or the plain mean where there is none. */
    public static Readout readout(Path directory) {
        var file = directory.resolve("modules.json");
        if (!Files.exists(file)) {
            return Readout.MEAN;
        }
        var pooling = Pooling.MEAN;
        var normalizations = new ArrayList<Normalization>();
        for (var module : JsonFiles.read(file)) {
            var type = module.path("type").asText();
            var name = type.substring(type.lastIndexOf('.') + 1);
            var folder = directory.resolve(module.path("path").asText());
            switch (name) {
                case "Transformer" -> {}
                case "Pooling" -> pooling = pooling(folder.resolve("config.json"));
                case "Normalize" -> normalizations.add(Normalization.L2);
                case "LayerNorm" -> {
                    LayerNormModule.requirePlain(folder);
                    normalizations.add(Normalization.LAYER_NORM);
                }
                default ->
                        throw new MtlException(
                                file
                                        + ": module '"
                                        + type
                                        + "' is not known; known: Transformer, Pooling, Normalize,"
                                        + " LayerNorm");
            }
        }
        if (normalizations.size() > 1) {
            throw new MtlException(file + ": only one of Normalize and LayerNorm can be used");
        }
        return new Readout(
                pooling, normalizations.isEmpty() ? Normalization.NONE : normalizations.getFirst());
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

    private static Pooling pooling(Path file) {
        var json = JsonFiles.read(file);
        var names = new TreeSet<String>();
        if (json.path("pooling_mode").isTextual()) { // since version 6
            names.add(json.path("pooling_mode").asText());
        } else if (json.has("pooling_mode")) {
            json.path("pooling_mode").forEach(name -> names.add(name.asText()));
        } else {
            json.properties().stream()
                    .filter(entry -> entry.getKey().startsWith("pooling_mode_"))
                    .filter(entry -> entry.getValue().asBoolean())
                    .forEach(entry -> names.add(mode(entry.getKey())));
        }
        var known =
                Arrays.stream(Pooling.values())
                        .filter(pooling -> names.contains(name(pooling)))
                        .toList();
        if (names.size() != 1 || known.size() != 1) {
            throw new MtlException(
                    file
                            + ": exactly one of mean, cls and max pooling can be used, this names "
                            + names);
        }
        return known.getFirst();
    }

    /** {@code pooling_mode_mean_tokens}, of versions before 6, is {@code mean}. */
    private static String mode(String flag) {
        for (var pooling : Pooling.values()) {
            if (flag.equals(flag(pooling))) {
                return name(pooling);
            }
        }
        return flag;
    }

    private static String flag(Pooling pooling) {
        return "pooling_mode_" + name(pooling) + (pooling == Pooling.CLS ? "_token" : "_tokens");
    }

    private static String name(Pooling pooling) {
        return pooling.name().toLowerCase(Locale.ROOT);
    }

    /** Writes the files beside a Hugging Face model, in the form that all versions read. */
    public static void write(Path directory, Readout readout, int hiddenSize, int maxLength)
            throws IOException {
        var modules = new ArrayList<Map<String, Object>>();
        modules.add(module(0, "", "Transformer"));
        modules.add(module(1, "1_Pooling", "Pooling"));
        switch (readout.normalization()) {
            case NONE -> {}
            case L2 -> {
                modules.add(module(2, "2_Normalize", "Normalize"));
                Files.createDirectories(directory.resolve("2_Normalize"));
            }
            case LAYER_NORM -> {
                modules.add(module(2, "2_LayerNorm", "LayerNorm"));
                LayerNormModule.write(directory.resolve("2_LayerNorm"), hiddenSize);
            }
        }
        var pooling = new LinkedHashMap<String, Object>();
        pooling.put("word_embedding_dimension", hiddenSize);
        for (var mode : Pooling.values()) {
            pooling.put(flag(mode), readout.pooling() == mode);
        }
        Files.createDirectories(directory.resolve("1_Pooling"));
        JsonFiles.write(directory.resolve("1_Pooling/config.json"), pooling);
        var transformer = new LinkedHashMap<String, Object>();
        transformer.put("max_seq_length", maxLength);
        transformer.put("do_lower_case", false);
        JsonFiles.write(directory.resolve("sentence_bert_config.json"), transformer);
        JsonFiles.write(directory.resolve("modules.json"), modules);
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
