package dev.mtl.train.format.fields;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.head.Target;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.tags.Abbreviated;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The fields of a JSON object. A name may lead into objects: {@code tokens.surface} is that field
 * of each object in the list {@code tokens}.
 *
 * @param place file and line
 */
record JsonFields(ObjectNode object, String place) implements Fields {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @Override
    public @Nullable List<String> words(String column) {
        var field = required(column);
        if (!field.isArray()) {
            return null;
        }
        var words = new ArrayList<String>();
        for (var word : field) {
            if (!word.isTextual()) {
                throw new IllegalArgumentException(
                        "field '"
                                + column
                                + "' takes a list of words, not of "
                                + Abbreviated.of(word.toString())
                                + (word.isObject()
                                        ? "; " + column + ".NAME names a field of these objects"
                                        : ""));
            }
            words.add(word.textValue());
        }
        return words;
    }

    @Override
    public String text(String column) {
        var field = required(column);
        if (!field.isTextual()) {
            throw new IllegalArgumentException("field '" + column + "' is not a string");
        }
        return field.textValue();
    }

    @Override
    public @Nullable Object value(String column) {
        return value(field(object, column));
    }

    private static @Nullable Object value(@Nullable JsonNode node) {
        return node == null || node.isNull() ? null : MAPPER.convertValue(node, Object.class);
    }

    @Override
    public SequencedMap<String, @Nullable Object> all() {
        var all = new LinkedHashMap<String, @Nullable Object>();
        object.properties().forEach(field -> all.put(field.getKey(), value(field.getValue())));
        return all;
    }

    private JsonNode required(String column) {
        var field = field(object, column);
        if (field == null) {
            throw new IllegalArgumentException(
                    "has no field '" + column + "', which text_column names");
        }
        return field;
    }

    @Override
    public Target target(DataColumn column, Kind kind, FieldText text) {
        try {
            return target(field(object, column.name()), column, kind, text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "field '" + column.name() + "': " + e.getMessage(), e);
        }
    }

    /** The field of an object, or of objects in it; null if it is not there. */
    static @Nullable JsonNode field(JsonNode object, String name) {
        var field = object.get(name);
        int dot = name.indexOf('.');
        if (field != null || dot < 0) {
            return field;
        }
        var outer = object.get(name.substring(0, dot));
        var rest = name.substring(dot + 1);
        if (outer == null || !outer.isArray()) {
            return outer == null ? null : field(outer, rest);
        }
        var all = JsonNodeFactory.instance.arrayNode();
        for (var item : outer) {
            var inner = field(item, rest);
            all.add(inner == null ? JsonNodeFactory.instance.nullNode() : inner);
        }
        return all;
    }

    /**
     * The kind of a column's content; null for nothing and for an empty list.
     *
     * @param texts the columns of the texts: a list of labels beside a list of words is tags
     */
    @Nullable Kind kindOf(DataColumn column, List<String> texts) {
        var field = field(object, column.name());
        if (field == null || field.isNull()) {
            return null;
        }
        var first = field.isArray() ? field.get(0) : field;
        if (first == null) {
            return null;
        }
        if (JsonAnswers.isAnswer(first)) {
            return Kind.ANSWERS;
        }
        if (JsonRelations.isRelation(first)) {
            return Kind.RELATIONS;
        }
        if (first.isObject() || first.isArray()) {
            return Kind.ENTITIES;
        }
        boolean number = first.isNumber() && column.names().isEmpty();
        if (!field.isArray()) {
            return number ? Kind.VALUE : Kind.LABEL;
        }
        var words = field(object, texts.getFirst());
        boolean ofWords = words != null && words.isArray() && words.size() == field.size();
        return number ? Kind.VALUE : ofWords ? Kind.TAGS : Kind.LABELS;
    }

    private static Target target(
            @Nullable JsonNode field, DataColumn column, Kind kind, FieldText text) {
        if (kind == Kind.NONE) {
            return new Target.Unlabelled();
        }
        if (field == null || field.isNull()) {
            throw new IllegalArgumentException("is not there");
        }
        return switch (kind) {
            case LABEL -> new Target.Category(label(field, column));
            case LABELS -> new Target.Labels(labels(field, column, "a list of labels"));
            case TAGS -> new Target.Tags(text.tags(tags(field, column)));
            case VALUE -> new Target.Values(values(field));
            case ENTITIES -> new Target.Tags(new JsonEntities(column.offsets(), text).tags(field));
            case ANSWERS -> new Target.Answers(JsonAnswers.of(field, text.text().text()));
            case RELATIONS -> new Target.Relations(JsonRelations.of(field, column.offsets(), text));
            case NONE -> new Target.Unlabelled();
        };
    }

    private static String label(JsonNode node, DataColumn column) {
        if (!node.isValueNode()) {
            throw new IllegalArgumentException(
                    "takes a label, not " + Abbreviated.of(node.toString()));
        }
        if (!column.names().isEmpty() && node.isIntegralNumber()) {
            return column.label(node.longValue());
        }
        var label = node.asText().strip();
        if (label.isEmpty()) {
            throw new IllegalArgumentException("has no label");
        }
        return label;
    }

    private static List<String> labels(JsonNode node, DataColumn column, String what) {
        requireArray(node, what);
        var labels = new ArrayList<String>();
        node.forEach(item -> labels.add(label(item, column)));
        return labels;
    }

    /** Tags are a list, or a string of them. */
    private static List<String> tags(JsonNode node, DataColumn column) {
        return node.isTextual()
                ? TextFields.tags(node.textValue(), column)
                : labels(node, column, "a list of tags, or a string with spaces between them");
    }

    private static List<Double> values(JsonNode node) {
        if (!node.isArray()) {
            return List.of(number(node));
        }
        if (node.isEmpty()) {
            throw new IllegalArgumentException("has no number");
        }
        var values = new ArrayList<Double>();
        node.forEach(item -> values.add(number(item)));
        return values;
    }

    private static double number(JsonNode node) {
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw new IllegalArgumentException(
                    "takes a number, not " + Abbreviated.of(node.toString()));
        }
        return node.doubleValue();
    }

    private static void requireArray(JsonNode node, String what) {
        if (!node.isArray()) {
            throw new IllegalArgumentException(
                    "takes " + what + ", not " + Abbreviated.of(node.toString()));
        }
    }
}
