package dev.mtl.core.store;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.internal.files.FileLocks;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.internal.files.Sha256;

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

    /** What a tokenizer can be made from, where there is no {@code tokenizer.json}. */
    static final List<String> VOCABULARIES =
            List.of("vocab.txt", "spm.model", "sentencepiece.bpe.model");

    /**
     * @param cache for tokenizers that are made from a {@code vocab.txt} or a model of
     *     SentencePiece
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
                                .formatted(vocabulary(folder), e.getMessage()),
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
        if (!has(folder, "tokenizer.json")
                && VOCABULARIES.stream().noneMatch(file -> has(folder, file))) {
            missing.add("tokenizer.json (or " + String.join(", ", VOCABULARIES) + ")");
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

    private static Path vocabulary(Path folder) {
        return folder.resolve(
                VOCABULARIES.stream().filter(file -> has(folder, file)).findFirst().orElseThrow());
    }

    /** Named by the hashes of what it depends on, so that it is made once and never outdated. */
    private Path madeTokenizer(Path folder) throws IOException {
        var vocabulary = vocabulary(folder);
        var config = folder.resolve("tokenizer_config.json");
        var settings = Files.isRegularFile(config) ? JsonFiles.read(config) : JsonFiles.object();
        if (vocabulary.endsWith("vocab.txt")) {
            boolean lowercase = settings.path("do_lower_case").asBoolean(true);
            return made(
                    Sha256.of(vocabulary) + (lowercase ? "-uncased" : "-cased"),
                    () -> WordPieceTokenizer.fromVocabulary(vocabulary, lowercase));
        }
        var family = JsonFiles.read(folder.resolve("config.json")).path("model_type").asText();
        var key =
                "%s-%s-%s-%s"
                        .formatted(
                                Sha256.of(vocabulary),
                                family.replaceAll("[^a-z0-9-]", ""),
                                settings.path("do_lower_case").asBoolean(),
                                settings.path("split_by_punct").asBoolean());
        return made(key, () -> SentencePieceTokenizer.convert(vocabulary, family, settings));
    }

    /** Makes a tokenizer. */
    @FunctionalInterface
    private interface Conversion {
        ObjectNode convert() throws IOException;
    }

    private Path made(String key, Conversion conversion) throws IOException {
        var target = cache.resolve("tokenizers").resolve(key);
        var file = target.resolve("tokenizer.json");
        var sum = target.resolve(CHECKSUM);
        if (!Files.isRegularFile(sum) || !Files.readString(sum).equals(checksum(file))) {
            var tokenizer = conversion.convert();
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
