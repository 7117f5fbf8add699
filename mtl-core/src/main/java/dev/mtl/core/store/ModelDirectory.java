package dev.mtl.core.store;

import dev.mtl.core.weights.Safetensors;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model as a local folder in Hugging Face's layout; all required files exist.
 *
 * @param name the name that the user gave
 * @param path the folder
 * @param tokenizerJson the tokenizer; outside of the folder if that has none, but a {@code
 *     vocab.txt} or a model of SentencePiece
 */
public record ModelDirectory(String name, Path path, Path tokenizerJson) {
    static final String INDEX = Safetensors.INDEX_FILE;

    /** {@code config.json}: the model's type and sizes. */
    public Path config() {
        return path.resolve("config.json");
    }

    /**
     * The weights: {@code model.safetensors}, or the index {@code model.safetensors.index.json} if
     * the weights are split into several files.
     */
    public Path weights() {
        var whole = path.resolve("model.safetensors");
        var index = path.resolve(INDEX);
        return Files.exists(whole) || !Files.exists(index) ? whole : index;
    }

    /** {@code modules.json} of sentence-transformers, if there is one. */
    public Optional<Path> modulesJson() {
        return file("modules.json");
    }

    /** {@code tokenizer_config.json}, if there is one. */
    public Optional<Path> tokenizerConfig() {
        return file("tokenizer_config.json");
    }

    /**
     * A file of the folder by its relative path, such as {@code 1_Pooling/config.json}, if it
     * exists.
     */
    public Optional<Path> file(String relativePath) {
        return Optional.of(path.resolve(relativePath)).filter(Files::isRegularFile);
    }
}
