package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.encoder.SentenceModules;
import dev.mtl.core.nn.ParameterWriter;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Writes models in the form that {@link ModelFiles} describes. */
public final class ModelWriter {
    private static final List<String> TOKENIZER_FILES =
            List.of("tokenizer_config.json", "special_tokens_map.json", "vocab.txt");

    private ModelWriter() {}

    /**
     * Writes a model. All is written beside the target first and moved there when it is complete,
     * so that a model that was there before stays usable until then.
     *
     * @param source where the backbone came from: its configuration and tokenizer are copied
     * @param texts further files to keep with the model, by name
     * @throws ConfigurationException see {@link #requireReplaceable}
     * @throws MtlException if it cannot be written; says why
     */
    public static void save(
            MultiTaskModel model,
            ModelDirectory source,
            Path directory,
            Map<String, String> texts) {
        requireReplaceable(directory);
        AtomicDirectory.replace(
                directory,
                staging -> {
                    write(model, source, staging);
                    for (var text : texts.entrySet()) {
                        Files.writeString(staging.resolve(text.getKey()), text.getValue());
                    }
                });
    }

    /**
     * Checks that saving a model there replaces a model or nothing, never a directory of other
     * things, which would be deleted.
     *
     * @throws ConfigurationException if it would not
     */
    public static void requireReplaceable(Path directory) {
        if (!AtomicDirectory.isFree(directory)
                && !Files.exists(directory.resolve(ModelFiles.TASKS))) {
            throw new ConfigurationException(
                    directory
                            + " is there already and is not a trained model; name a new or empty"
                            + " directory for the output");
        }
    }

    private static void write(MultiTaskModel model, ModelDirectory source, Path target)
            throws IOException {
        Files.copy(source.config(), target.resolve("config.json"));
        Files.copy(source.tokenizerJson(), target.resolve("tokenizer.json"));
        for (var file : TOKENIZER_FILES) {
            if (Files.exists(source.path().resolve(file))) {
                Files.copy(source.path().resolve(file), target.resolve(file));
            }
        }
        SentenceModules.write(
                target, model.readout(), model.bert().config().hiddenSize(), model.maxLength());
        var names = model.parameters().names();
        writeTensors(
                target.resolve("model.safetensors"),
                model.parameters(),
                names.stream().filter(name -> !isHead(name)));
        writeTensors(
                target.resolve(ModelFiles.HEADS),
                model.parameters(),
                names.stream().filter(ModelWriter::isHead));
        Files.writeString(
                target.resolve(ModelFiles.TASKS),
                ModelFiles.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(describe(model))
                        + "\n");
    }

    private static boolean isHead(String name) {
        return name.startsWith("heads.");
    }

    private static void writeTensors(Path file, Parameters parameters, Stream<String> names) {
        var tensors = new LinkedHashMap<String, Tensor>();
        names.forEach(name -> tensors.put(name, parameters.get(name)));
        ParameterWriter.write(file, tensors);
    }

    private static Map<String, Object> describe(MultiTaskModel model) {
        var json = new LinkedHashMap<String, Object>();
        json.put("format", ModelFiles.FORMAT);
        json.put("max_length", model.maxLength());
        json.put("pooling", model.readout().pooling());
        json.put("normalization", model.readout().normalization());
        json.put(
                "tasks",
                model.tasks().values().stream()
                        .map(
                                task -> {
                                    var entry = new LinkedHashMap<String, Object>();
                                    entry.put("name", task.name());
                                    entry.put("head", task.type());
                                    entry.put("head_class", task.head().getClass().getName());
                                    entry.put("settings", task.settings());
                                    entry.put("labels", task.labels());
                                    return entry;
                                })
                        .toList());
        return json;
    }
}
