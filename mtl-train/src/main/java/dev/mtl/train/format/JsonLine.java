package dev.mtl.train.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.internal.files.Utf8Lines;

/** Parses a line that holds exactly one JSON object, with strings of any length. */
public final class JsonLine {
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .build())
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private JsonLine() {}

    /** Whether a line holds only white space, perhaps after a byte-order mark. */
    public static boolean isBlank(String line) {
        return Utf8Lines.withoutMark(line).isBlank();
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException if the line is anything else; the message says what, such as
     *     "is not JSON"
     */
    public static ObjectNode parse(String line) {
        try {
            if (MAPPER.readTree(Utf8Lines.withoutMark(line)) instanceof ObjectNode object) {
                return object;
            }
            throw new IllegalArgumentException("is not a JSON object");
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            // Jackson's message for trailing tokens names its own settings.
            var reason =
                    e instanceof MismatchedInputException
                            ? "text after the end of the object"
                            : e.getOriginalMessage();
            throw new IllegalArgumentException(
                    "is not JSON"
                            + (at == null ? "" : " at column " + at.getColumnNr())
                            + ": "
                            + reason,
                    e);
        }
    }
}
