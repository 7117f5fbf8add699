package dev.mtl.core.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The JSON of a safetensors header. It is parsed token by token and rejected at the first
 * unexpected token, so that a malicious header takes no more memory than its bytes.
 */
final class SafetensorsJson {

    /** A tensor and its byte range, relative to the end of the header. */
    record Entry(TensorInfo info, long begin, long end) {}

    /** LibTorch refuses tensors of more dimensions in most of its operators. */
    private static final int MAX_RANK = 64;

    /** Only unknown fields can nest; serde_json has the same limit. */
    private static final int MAX_DEPTH = 128;

    /** Names are not interned: they come from a file and would never be freed. */
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxNameLength(SafetensorsHeader.MAX_BYTES)
                                    .maxStringLength(SafetensorsHeader.MAX_BYTES)
                                    .build())
                    .build();

    final Map<String, Entry> tensors = new LinkedHashMap<>();
    final Map<String, String> metadata = new LinkedHashMap<>();

    private final Path file;
    private final JsonParser parser;

    private SafetensorsJson(Path file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /**
     * Parses a header, in strict UTF-8.
     *
     * @throws WeightFileException if it is not JSON, or not a valid header
     */
    static SafetensorsJson read(Path file, byte[] text) throws IOException {
        var decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        var reader = new InputStreamReader(new ByteArrayInputStream(text), decoder);
        try (var parser = FACTORY.createParser(reader)) {
            var json = new SafetensorsJson(file, parser);
            json.root();
            return json;
        } catch (JsonProcessingException e) {
            throw new WeightFileException(
                    file, "the header is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (CharacterCodingException e) {
            throw new WeightFileException(file, "the header is not UTF-8", e);
        }
    }

    private void root() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new WeightFileException(file, "the header is not a JSON object");
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = string("a name");
            parser.nextToken();
            if (name.equals("__metadata__")) {
                metadata();
            } else {
                tensors.put(name, tensor(name));
            }
        }
        if (parser.nextToken() != null) {
            throw new WeightFileException(file, "the header has more after its JSON object");
        }
    }

    private void metadata() throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new WeightFileException(file, "__metadata__ is not a JSON object");
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var key = string("a key of __metadata__");
            if (parser.nextToken() != JsonToken.VALUE_STRING) {
                throw new WeightFileException(file, "metadata '" + key + "' is not a string");
            }
            metadata.put(key, string("metadata '" + key + "'"));
        }
    }

    private Entry tensor(String name) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw bad(name, "is not a JSON object");
        }
        @Nullable String type = null;
        long @Nullable [] shape = null;
        long @Nullable [] offsets = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "dtype" -> type = type(name);
                case "shape" -> shape = numbers(name, field, MAX_RANK);
                case "data_offsets" -> offsets = numbers(name, field, 2);
                // The reference implementation ignores unknown fields too.
                default -> parser.skipChildren();
            }
        }
        if (type == null || shape == null || offsets == null) {
            throw bad(
                    name,
                    type == null
                            ? "has no 'dtype'"
                            : "has no list '" + (shape == null ? "shape" : "data_offsets") + "'");
        }
        if (offsets.length != 2 || offsets[1] < offsets[0]) {
            throw bad(name, "bad data_offsets " + Arrays.toString(offsets));
        }
        return new Entry(info(name, type, shape), offsets[0], offsets[1]);
    }

    private TensorInfo info(String name, String type, long[] shape) {
        var dtype = SafetensorsTypes.ofName(type);
        if (dtype == null) {
            throw bad(
                    name,
                    "dtype '%s' is not supported; supported: %s"
                            .formatted(type, SafetensorsTypes.known()));
        }
        try {
            return new TensorInfo(name, dtype, shape);
        } catch (ArithmeticException e) {
            throw bad(name, "bad shape " + Arrays.toString(shape) + ": more bytes than a long");
        }
    }

    private String type(String name) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw bad(name, "its dtype is not a string");
        }
        return parser.getText();
    }

    private long[] numbers(String name, String field, int most) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw bad(name, "has no list '" + field + "'");
        }
        var values = new long[most];
        var count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count == most) {
                throw bad(name, "bad %s: more than %d numbers".formatted(field, most));
            }
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || parser.getText().startsWith("-")
                    || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                throw bad(
                        name,
                        "bad %s: '%s' is not an integer from 0 to 2^63 - 1"
                                .formatted(field, parser.getText()));
            }
            values[count++] = parser.getLongValue();
        }
        return Arrays.copyOf(values, count);
    }

    /** The string of the token; an escape can make it end in an unpaired surrogate. */
    private String string(String what) throws IOException {
        var text = parser.getText();
        if (text.codePoints().anyMatch(c -> c >= 0xd800 && c <= 0xdfff)) {
            throw new WeightFileException(file, "the header has an unpaired surrogate in " + what);
        }
        return text;
    }

    private WeightFileException bad(String name, String reason) {
        return new WeightFileException(file, "tensor '" + name + "': " + reason);
    }
}
