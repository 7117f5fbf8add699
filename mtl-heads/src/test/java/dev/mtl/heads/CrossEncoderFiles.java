package dev.mtl.heads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.store.ModelDirectory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** What {@code benchmarks/peers/golden_cross_encoder.py} wrote. */
public final class CrossEncoderFiles {
    private static final Path FOLDER =
            Path.of("src/test/resources/dev/mtl/heads/cross-encoder").toAbsolutePath();

    private CrossEncoderFiles() {}

    /** What sentence-transformers computes. */
    public static JsonNode expected() {
        try {
            return new JsonMapper().readTree(FOLDER.resolve("expected.json").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A cross-encoder: {@code score} of one logit, or {@code label} of three. */
    static ModelDirectory model(String name) {
        var path = FOLDER.resolve(name);
        return new ModelDirectory(name, path, path.resolve("tokenizer.json"));
    }
}
