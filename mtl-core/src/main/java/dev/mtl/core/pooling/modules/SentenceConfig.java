package dev.mtl.core.pooling.modules;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * {@code config_sentence_transformers.json}: what a model puts before texts, and how long its
 * embeddings are.
 *
 * @param prompts by name; {@code query} and {@code document} are always there, empty unless the
 *     file says otherwise, as in sentence-transformers 6
 * @param defaultPromptName the prompt of texts that nothing else is said about; null for none
 * @param truncateDim how many dimensions of an embedding are kept; null for all
 */
public record SentenceConfig(
        SequencedMap<String, String> prompts,
        @Nullable String defaultPromptName,
        @Nullable Integer truncateDim) {
    /** The name of the file. */
    public static final String FILE = "config_sentence_transformers.json";

    /** The prompt of texts that are searched for. */
    public static final String QUERY = "query";

    /** The prompt of texts that are searched. */
    public static final String DOCUMENT = "document";

    public SentenceConfig {
        var all = new TreeMap<>(Map.of(QUERY, "", DOCUMENT, ""));
        all.putAll(prompts);
        prompts = Collections.unmodifiableSequencedMap(all);
    }

    /**
     * Reads the file of a directory; without one there are no prompts.
     *
     * @throws MtlException if it is no such file, or its default prompt has another name than all
     *     prompts
     */
    public static SentenceConfig read(Path directory) {
        var file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return new SentenceConfig(new TreeMap<>(), null, null);
        }
        var json = JsonFiles.readObject(file);
        var prompts = new TreeMap<String, String>();
        for (var entry : json.path("prompts").properties()) {
            prompts.put(entry.getKey(), text(entry.getValue(), "prompts." + entry.getKey(), file));
        }
        var name = json.path("default_prompt_name");
        var config =
                new SentenceConfig(
                        prompts,
                        name.isNull() || name.isMissingNode()
                                ? null
                                : text(name, "default_prompt_name", file),
                        dimensions(json.path("truncate_dim"), file));
        if (config.defaultPromptName != null
                && !config.prompts.containsKey(config.defaultPromptName)) {
            throw new MtlException(
                    "%s: default_prompt_name '%s' is not among the prompts %s"
                            .formatted(file, config.defaultPromptName, config.prompts.keySet()));
        }
        return config;
    }

    /**
     * A prompt by its name.
     *
     * @throws ConfigurationException if there is none
     */
    public String prompt(String name) {
        var prompt = prompts.get(name);
        if (prompt == null) {
            throw new ConfigurationException(
                    "no prompt '%s'; this model has %s".formatted(name, prompts.keySet()));
        }
        return prompt;
    }

    /**
     * Copies the file of a directory to another.
     *
     * @param defaultPromptName instead of the one in the file; null to keep that
     * @param truncateDim instead of the one in the file; null to keep that
     */
    public static void copy(
            Path from, Path to, @Nullable String defaultPromptName, @Nullable Integer truncateDim)
            throws IOException {
        var file = from.resolve(FILE);
        if (defaultPromptName == null && truncateDim == null) {
            if (Files.exists(file)) {
                Files.copy(file, to.resolve(FILE));
            }
            return;
        }
        var json = Files.exists(file) ? JsonFiles.readObject(file) : JsonFiles.object();
        if (defaultPromptName != null) {
            json.put("default_prompt_name", defaultPromptName);
        }
        if (truncateDim != null) {
            json.put("truncate_dim", truncateDim);
        }
        JsonFiles.write(to.resolve(FILE), json);
    }

    private static String text(JsonNode json, String key, Path file) {
        if (json.isNull()) {
            return "";
        }
        if (!json.isTextual()) {
            throw new MtlException(file + ": " + key + " is not a text");
        }
        return json.asText();
    }

    private static @Nullable Integer dimensions(JsonNode json, Path file) {
        if (json.isNull() || json.isMissingNode()) {
            return null;
        }
        if (!json.isInt() || json.asInt() < 1) {
            throw new MtlException(file + ": truncate_dim is not a positive integer");
        }
        return json.asInt();
    }
}
