package dev.mtl.core.store;

import dev.mtl.core.MtlException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;

/**
 * A model in Hugging Face's layout.
 *
 * @param directory where all its files are
 * @param config {@code config.json}
 * @param weights {@code model.safetensors}
 * @param tokenizerJson {@code tokenizer.json}
 */
public record ModelDirectory(Path directory, Path config, Path weights, Path tokenizerJson) {
    /**
     * The model in a directory.
     *
     * @throws MtlException that names what is missing
     */
    public static ModelDirectory of(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw new MtlException(directory + ": no such directory");
        }
        var model =
                new ModelDirectory(
                        directory,
                        directory.resolve("config.json"),
                        directory.resolve("model.safetensors"),
                        directory.resolve("tokenizer.json"));
        var missing = new ArrayList<String>();
        for (var file : new Path[] {model.config, model.weights, model.tokenizerJson}) {
            if (!Files.isRegularFile(file)) {
                missing.add(file.getFileName().toString());
            }
        }
        if (!missing.isEmpty()) {
            throw new MtlException(
                    directory
                            + " is not a model in Hugging Face's layout: it has no "
                            + String.join(" and no ", missing));
        }
        return model;
    }
}
