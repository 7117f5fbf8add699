package dev.mtl.core.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.MtlException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON files, indented for people. */
final class Json {
    static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    static JsonNode read(Path file) throws IOException {
        try {
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new MtlException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    static void write(Path file, JsonNode root) throws IOException {
        Files.writeString(
                file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    }
}
