package dev.mtl.core.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Byte-level tokenizers have other pieces for a word at the beginning of a text than for one after
 * a space, and words that come one by one are all at their beginning. So those are split by a
 * tokenizer that adds the space, as transformers demands it ({@code add_prefix_space}) of whoever
 * passes words.
 */
final class WordSpaces {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Set<String> BYTE_LEVEL = Set.of("ByteLevel", "RobertaProcessing");

    private WordSpaces() {}

    /**
     * The file with spaces added, null if it needs no change.
     *
     * @throws IOException if it cannot be read
     */
    static byte @Nullable [] added(Path tokenizerJson) throws IOException {
        var json = JSON.readTree(tokenizerJson.toFile());
        if (!addTo(json.path("pre_tokenizer"))) {
            return null;
        }
        // It takes spaces off the offsets, and must know that those were not in the text.
        addTo(json.path("post_processor"));
        return JSON.writeValueAsBytes(json);
    }

    private static boolean addTo(JsonNode step) {
        boolean changed = false;
        for (var steps : List.of("pretokenizers", "processors")) {
            for (var part : step.path(steps)) {
                changed |= addTo(part);
            }
        }
        if (step instanceof ObjectNode object
                && BYTE_LEVEL.contains(object.path("type").asText())
                && !object.path("add_prefix_space").asBoolean()) {
            object.put("add_prefix_space", true);
            changed = true;
        }
        return changed;
    }
}
