package dev.mtl.train.config;

import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.core.store.ModelStore;
import dev.mtl.train.config.yaml.Checks;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The shared encoder.
 *
 * @param backbone a name of the model store, a directory, {@code hf:...} or {@code maven:...}
 * @param initFrom the directory of a trained model to go on from, in place of {@code backbone};
 *     null for none
 * @param truncateDim how many of the first dimensions of a sentence embedding heads read; null for
 *     all
 * @param maxLength the longest input in tokens, [CLS] and [SEP] included
 * @param prompt the name of one of the backbone's prompts, which is put before every text; null for
 *     none
 */
public record ModelConfig(
        String backbone,
        @Nullable String initFrom,
        Pooling pooling,
        Normalization normalization,
        @Nullable Integer truncateDim,
        int maxLength,
        @Nullable String prompt) {
    static final ModelConfig DEFAULTS =
            new ModelConfig(
                    "all-MiniLM-L6-v2", null, Pooling.MEAN, Normalization.NONE, null, 128, null);

    public ModelConfig {
        Checks.atLeast("max_length", maxLength, 3);
        Checks.atLeast("truncate_dim", truncateDim == null ? 1 : truncateDim, 1);
    }

    /** The same with absolute paths of directories. */
    ModelConfig absolute() {
        return new ModelConfig(
                ModelStore.isName(backbone) ? backbone : absolute(backbone),
                initFrom == null ? null : absolute(initFrom),
                pooling,
                normalization,
                truncateDim,
                maxLength,
                prompt);
    }

    private static String absolute(String name) {
        try {
            var path = Path.of(name);
            return Files.isDirectory(path) ? path.toAbsolutePath().normalize().toString() : name;
        } catch (InvalidPathException e) { // hf:... on Windows
            return name;
        }
    }

    /** Where the encoder comes from: {@code initFrom} if it is given, else {@code backbone}. */
    public String encoder() {
        return initFrom == null ? backbone : initFrom;
    }
}
