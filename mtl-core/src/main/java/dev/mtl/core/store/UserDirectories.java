package dev.mtl.core.store;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.AtomicDirectory;
import dev.mtl.core.internal.FileLocks;
import dev.mtl.core.internal.JsonFiles;
import dev.mtl.core.internal.Sha256;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opens folders in Hugging Face's layout; never writes into them. */
final class UserDirectories {
    /** Of a tokenizer that was made, beside it. */
    private static final String CHECKSUM = "tokenizer.json.sha256";

    private final Path cache;

    /**
     * @param cache for tokenizers that are made from a {@code vocab.txt}
     */
    UserDirectories(Path cache) {
        this.cache = cache;
    }

    ModelDirectory open(String name, Path directory) {
        requireModel(name, directory);
        var folder = directory.toAbsolutePath().normalize();
        var tokenizer = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(tokenizer)) {
            try {
                tokenizer = madeTokenizer(folder);
            } catch (IOException e) {
                throw new MtlException(
                        "cannot make a tokenizer from %s: %s"
                                .formatted(folder.resolve("vocab.txt"), e.getMessage()),
                        e);
            }
        }
        return new ModelDirectory(name, folder, tokenizer);
    }

    /**
     * Checks that a folder has all files that a model needs.
     *
     * @throws ConfigurationException if not; the message says what is missing
     */
    static void requireModel(String name, Path folder) {
        var missing = new ArrayList<String>();
        if (!has(folder, "config.json")) {
            missing.add("config.json");
        }
        if (!has(folder, "model.safetensors") && !has(folder, ModelDirectory.INDEX)) {
            missing.add("model.safetensors" + otherWeights(folder));
        }
        if (!has(folder, "tokenizer.json") && !has(folder, "vocab.txt")) {
            missing.add("tokenizer.json (or vocab.txt)");
        }
        if (!missing.isEmpty()) {
            throw new ConfigurationException(
                    "%s is not a model folder: it lacks %s"
                            .formatted(name, String.join(", ", missing)));
        }
    }

    private static String otherWeights(Path folder) {
        for (var pickled : List.of("pytorch_model.bin", "pytorch_model.bin.index.json")) {
            if (has(folder, pickled)) {
                return " (it has a %s, which is not opened: pickle files can run code. In Python, AutoModel.from_pretrained(DIR).save_pretrained(DIR) writes safetensors)"
                        .formatted(pickled);
            }
        }
        return "";
    }

    private static boolean has(Path folder, String file) {
        return Files.isRegularFile(folder.resolve(file));
    }

    /** Named by the hash of its input, so that it is made once and never outdated. */
    private Path madeTokenizer(Path folder) throws IOException {
        var vocabulary = folder.resolve("vocab.txt");
        var config = folder.resolve("tokenizer_config.json");
        var lowercase =
                !Files.isRegularFile(config)
                        || JsonFiles.read(config).path("do_lower_case").asBoolean(true);
        var key = Sha256.of(vocabulary) + (lowercase ? "-uncased" : "-cased");
        var target = cache.resolve("tokenizers").resolve(key);
        var file = target.resolve("tokenizer.json");
        var sum = target.resolve(CHECKSUM);
        if (!Files.isRegularFile(sum) || !Files.readString(sum).equals(checksum(file))) {
            var tokenizer = WordPieceTokenizer.fromVocabulary(vocabulary, lowercase);
            FileLocks.locked(
                    cache.resolve("tokenizers").resolve(".lock"),
                    () ->
                            AtomicDirectory.replace(
                                    target,
                                    staging -> {
                                        var made = staging.resolve("tokenizer.json");
                                        JsonFiles.write(made, tokenizer);
                                        Files.writeString(
                                                staging.resolve(CHECKSUM), Sha256.of(made));
                                    }));
        }
        return file;
    }

    private static String checksum(Path file) throws IOException {
        return Files.isRegularFile(file) ? Sha256.of(file) : "";
    }
}
