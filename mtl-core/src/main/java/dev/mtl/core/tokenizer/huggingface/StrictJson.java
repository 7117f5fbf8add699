package dev.mtl.core.tokenizer.huggingface;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads JSON that every parser reads in the same way: no key twice, nothing after the end, no half
 * of a surrogate pair, no number beyond a double's range, and no deep nesting.
 *
 * <p>A vocabulary has up to a million entries and is read into a set of its keys, not into nodes.
 */
final class StrictJson {
    /** The native parser gives up at 128. */
    private static final int MAX_DEPTH = 32;

    private static final int MAX_NUMBER_LENGTH = 100;
    private static final String VOCABULARY = "vocab";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxNumberLength(MAX_NUMBER_LENGTH)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    // A table of all keys that were ever read would slow vocabularies down.
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build();

    private final JsonParser parser;

    private StrictJson(JsonParser parser) {
        this.parser = parser;
    }

    /** The keys of an object whose values are ids. */
    record Ids(Set<String> keys) {}

    /**
     * Reads a document in UTF-8.
     *
     * @return its tree; a member {@code vocab} that is an object is a POJO node with {@link Ids}
     * @throws JsonParseException if it is not JSON, or not so strict
     */
    static JsonNode read(byte[] bytes) throws IOException {
        try (var parser = FACTORY.createParser(bytes)) {
            var strict = new StrictJson(parser);
            var first = parser.nextToken();
            if (first == null) {
                throw strict.fault("it is empty");
            }
            var root = strict.value(first);
            if (parser.nextToken() != null) {
                throw strict.fault("there is more after its end");
            }
            return root;
        }
    }

    private JsonNode value(JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> object();
            case START_ARRAY -> {
                var array = NODES.arrayNode();
                for (var next = next(); next != JsonToken.END_ARRAY; next = next()) {
                    array.add(value(next));
                }
                yield array;
            }
            case VALUE_STRING -> NODES.textNode(wellFormed(parser.getText()));
            case VALUE_NUMBER_INT ->
                    parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                            ? NODES.numberNode(parser.getBigIntegerValue())
                            : NODES.numberNode(parser.getLongValue());
            case VALUE_NUMBER_FLOAT -> {
                if (!Double.isFinite(parser.getDoubleValue())) {
                    throw fault("a number is too large");
                }
                yield NODES.numberNode(parser.getDoubleValue());
            }
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            default -> throw fault("unexpected " + token);
        };
    }

    private JsonNode object() throws IOException {
        var object = NODES.objectNode();
        for (var next = next(); next != JsonToken.END_OBJECT; next = next()) {
            var key = wellFormed(parser.currentName());
            var token = next();
            var value =
                    key.equals(VOCABULARY) && token == JsonToken.START_OBJECT
                            ? NODES.pojoNode(ids())
                            : value(token);
            if (object.replace(key, value) != null) {
                throw fault("key '" + key + "' appears twice");
            }
        }
        return object;
    }

    private Ids ids() throws IOException {
        var keys = new HashSet<String>();
        for (var next = next(); next != JsonToken.END_OBJECT; next = next()) {
            var key = wellFormed(parser.currentName());
            if (next() != JsonToken.VALUE_NUMBER_INT || !JsonValue.isId(parser.getLongValue())) {
                throw fault("the id of '" + key + "' is not an integer from 0");
            }
            if (!keys.add(key)) {
                throw fault("key '" + key + "' appears twice");
            }
        }
        return new Ids(keys);
    }

    private JsonToken next() throws IOException {
        var token = parser.nextToken();
        if (token == null) {
            throw fault("it ends too early");
        }
        return token;
    }

    private String wellFormed(String text) throws JsonParseException {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))
                    && text.codePoints().anyMatch(StrictJson::isSurrogate)) {
                throw fault("a string has half of a surrogate pair");
            }
        }
        return text;
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    private JsonParseException fault(String reason) {
        return new JsonParseException(parser, reason);
    }
}
