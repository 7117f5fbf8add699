package dev.mtl.core.export;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.internal.files.OwnerLock;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.store.ModelDirectory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files that every exported directory has: configuration and tokenizer. */
final class ExportDirectory {
    private static final List<String> COPIED =
            List.of("special_tokens_map.json", "vocab.txt", "spm.model", "sentencepiece.bpe.model");

    private ExportDirectory() {}

    /**
     * Writes a new directory, completely or not at all.
     *
     * @throws ConfigurationException if the directory exists and is not empty
     */
    static void write(Path target, AtomicDirectory.Filler filler) {
        try (var _ = OwnerLock.acquire(target, "wait for it, or name another directory")) {
            if (!AtomicDirectory.isFree(target)) {
                throw new ConfigurationException(
                        target + " exists already; name a new or empty directory for the export");
            }
            AtomicDirectory.replace(target, filler);
        }
    }

    /** Copies a file, if there is one. */
    static void copy(ModelDirectory source, String name, Path target) throws IOException {
        var file = source.file(name);
        if (file.isPresent()) {
            Files.copy(file.get(), target.resolve(name));
        }
    }

    /** Copies the tokenizer, which truncates texts at the model's maximum length. */
    static void writeTokenizer(ModelDirectory source, MultiTaskModel model, Path target)
            throws IOException {
        Files.copy(source.tokenizerJson(), target.resolve("tokenizer.json"));
        for (var name : COPIED) {
            copy(source, name, target);
        }
        var config = new LinkedHashMap<String, Object>();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.putAll(
                Map.of(
                        "pad_token", "[PAD]",
                        "unk_token", "[UNK]",
                        "cls_token", "[CLS]",
                        "sep_token", "[SEP]",
                        "mask_token", "[MASK]"));
        if (model.backboneConfig().typeVocabSize() > 1) {
            // else the second of two texts has the segment of the first
            config.put(
                    "model_input_names", List.of("input_ids", "token_type_ids", "attention_mask"));
        }
        var given = source.tokenizerConfig();
        if (given.isPresent()) {
            config.clear();
            JsonFiles.readObject(given.get())
                    .properties()
                    .forEach(e -> config.put(e.getKey(), e.getValue()));
        }
        config.put("model_max_length", model.maxLength());
        JsonFiles.write(target.resolve("tokenizer_config.json"), config);
    }
}
