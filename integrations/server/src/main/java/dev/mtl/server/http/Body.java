package dev.mtl.server.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The JSON object of a request. Keys that nobody asks for are ignored, as by the neighbours. */
public final class Body {
    private final JsonNode json;

    private Body(JsonNode json) {
        this.json = json;
    }

    static Body parse(byte[] bytes) {
        try {
            var json = Json.MAPPER.readTree(bytes);
            if (!json.isObject()) {
                throw ApiException.invalid("the body is not a JSON object");
            }
            return new Body(json);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw ApiException.invalid(
                    "the body is not valid JSON"
                            + (at == null
                                    ? ""
                                    : ", line %d column %d"
                                            .formatted(at.getLineNr(), at.getColumnNr())));
        } catch (IOException e) { // bytes that are not Unicode
            throw ApiException.invalid("the body is not JSON in UTF-8");
        }
    }

    /** The value of a key; missing is null. */
    public @Nullable JsonNode get(String key) {
        var value = json.get(key);
        return value == null || value.isNull() ? null : value;
    }

    /** The value of a key that must be there. */
    public JsonNode require(String key) {
        var value = get(key);
        if (value == null) {
            throw ApiException.invalid("missing field `" + key + "`");
        }
        return value;
    }

    /** The object of a key. */
    public @Nullable Body object(String key) {
        var value = get(key);
        if (value != null && !value.isObject()) {
            throw ApiException.invalid("`" + key + "` must be an object");
        }
        return value == null ? null : new Body(value);
    }

    public boolean flag(String key, boolean ifMissing) {
        var value = get(key);
        if (value != null && !value.isBoolean()) {
            throw ApiException.invalid("`" + key + "` must be true or false");
        }
        return value == null ? ifMissing : value.booleanValue();
    }

    public @Nullable String text(String key) {
        var value = get(key);
        return value == null ? null : text(value, key);
    }

    public String requireText(String key) {
        return text(require(key), key);
    }

    /** A positive integer. */
    public @Nullable Integer count(String key) {
        var value = get(key);
        if (value != null && (!value.isInt() || value.intValue() < 1)) {
            throw ApiException.invalid("`" + key + "` should be positive");
        }
        return value == null ? null : value.intValue();
    }

    /** A list of texts; a text alone is a list of one. */
    public @Nullable List<String> texts(String key) {
        var value = get(key);
        if (value == null) {
            return null;
        }
        return value.isTextual() ? List.of(text(value, key)) : texts(value, key);
    }

    public static List<String> texts(JsonNode array, String key) {
        if (!array.isArray()) {
            throw ApiException.invalid("`" + key + "` must be a string or an array of strings");
        }
        var texts = new ArrayList<String>(array.size());
        array.forEach(each -> texts.add(text(each, key)));
        return texts;
    }

    public static String text(JsonNode value, String key) {
        if (!value.isTextual()) {
            throw ApiException.invalid("`" + key + "` must be a string or an array of strings");
        }
        var text = value.textValue();
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSurrogatePair(
                        text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 'x')) {
                    throw ApiException.invalid("`" + key + "` has half a surrogate pair");
                }
                i++;
            }
        }
        return text;
    }
}
