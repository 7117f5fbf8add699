package dev.mtl.core.internal.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small JSON files, read whole and written indented. */
public final class JsonFiles {
    private static final JsonMapper MAPPER = new JsonMapper();

    private JsonFiles() {}

    /**
     * Reads a file.
     *
     * @throws MtlException if it cannot be read or is not JSON
     */
    public static JsonNode read(Path file) {
        try {
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new MtlException(
                    file + ": cannot be read as JSON: " + e.getOriginalMessage() + at(e), e);
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    private static String at(JsonProcessingException e) {
        var location = e.getLocation();
        return location == null
                ? ""
                : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }

    /**
     * Reads a file that holds a JSON object.
     *
     * @throws MtlException if it cannot be read or holds anything else
     */
    public static ObjectNode readObject(Path file) {
        if (read(file) instanceof ObjectNode object) {
            return object;
        }
        throw new MtlException(file + ": is not a JSON object");
    }

    /** Writes a value, indented, with a line end at the end. */
    public static void write(Path file, Object value) throws IOException {
        Files.writeString(
                file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n");
    }

    /** A value as a JSON tree. */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** A new, empty array. */
    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /** A new, empty object. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }
}
