package dev.mtl.core.tokenizer.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.POJONode;

import dev.mtl.core.MtlException;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A value of a JSON document and where it stands, read as one kind or refused.
 *
 * @param parent the object or list that it stands in; null for the document
 * @param name its key or {@code [index]}; empty for the document
 * @param node the value; a missing node if there is none
 */
record JsonValue(@Nullable JsonValue parent, String name, JsonNode node) {
    /** Ids are 32-bit numbers on the native side, and indexes of arrays on ours. */
    private static final long MAX_ID = Integer.MAX_VALUE - 1L;

    /** A document. */
    static JsonValue root(JsonNode node) {
        return new JsonValue(null, "", node);
    }

    static boolean isId(long value) {
        return value >= 0 && value <= MAX_ID;
    }

    /** Where it stands, such as {@code model.merges[3]}. */
    String path() {
        if (parent == null) {
            return name;
        }
        var before = parent.path();
        return before.isEmpty() || name.startsWith("[") ? before + name : before + "." + name;
    }

    /** The member of an object. */
    JsonValue get(String key) {
        return new JsonValue(this, key, object().node.path(key));
    }

    /** Whether there is a value. */
    boolean isPresent() {
        return !node.isMissingNode() && !node.isNull();
    }

    Optional<JsonValue> optional() {
        return isPresent() ? Optional.of(this) : Optional.empty();
    }

    JsonValue object() {
        return require(node.isObject(), "an object");
    }

    /** The elements of an array. */
    List<JsonValue> elements() {
        require(node.isArray(), "a list");
        return IntStream.range(0, node.size())
                .mapToObj(i -> new JsonValue(this, "[" + i + "]", node.get(i)))
                .toList();
    }

    /** The members of an object. */
    List<JsonValue> members() {
        return object().node.properties().stream()
                .map(member -> new JsonValue(this, member.getKey(), member.getValue()))
                .toList();
    }

    /** The keys of a vocabulary, whose values are ids. */
    Set<String> idKeys() {
        if (node instanceof POJONode pojo && pojo.getPojo() instanceof StrictJson.Ids ids) {
            return ids.keys();
        }
        throw fault("it is not an object");
    }

    String string() {
        require(node.isTextual(), "a string");
        return node.textValue();
    }

    /** A string of one character. */
    void character() {
        var text = string();
        require(text.codePointCount(0, text.length()) == 1, "one character");
    }

    void bool() {
        require(node.isBoolean(), "true or false");
    }

    /** The id of a token. */
    int id() {
        return size(MAX_ID);
    }

    /** An integer from 0. */
    int size(long most) {
        require(
                node.isIntegralNumber()
                        && node.canConvertToLong()
                        && node.longValue() >= 0
                        && node.longValue() <= most,
                "an integer from 0 to " + most);
        return node.intValue();
    }

    double number() {
        require(node.isNumber(), "a number");
        return node.doubleValue();
    }

    /** One of some strings. */
    String oneOf(List<String> known) {
        var text = string();
        require(known.contains(text), "one of " + String.join(", ", known));
        return text;
    }

    private JsonValue require(boolean holds, String wanted) {
        if (!holds) {
            throw fault(
                    node.isMissingNode()
                            ? "it is missing; it must be " + wanted
                            : "it is " + shortened(node.toString()) + ", not " + wanted);
        }
        return this;
    }

    /** What is said of a value that is refused. */
    MtlException fault(String reason) {
        return new MtlException(parent == null ? reason : shortened(path()) + ": " + reason);
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 77) + "...";
    }
}
