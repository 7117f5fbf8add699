package dev.mtl.train.format;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.settings.DataSettings.Kind;
import dev.mtl.train.tags.Abbreviated;
import dev.mtl.train.tags.EntityTags;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Reads the target of a JSON object's field. */
final class JsonFields {
    private JsonFields() {}

    /** The kind of a field's content; null for nothing and for an empty list. */
    static @Nullable Kind kindOf(@Nullable JsonNode field) {
        if (field == null || field.isNull()) {
            return null;
        }
        if (field.isArray()) {
            var first = field.get(0);
            if (first == null) {
                return null;
            }
            return first.isObject() ? Kind.ENTITIES : first.isNumber() ? Kind.VALUE : Kind.LABELS;
        }
        return field.isNumber() ? Kind.VALUE : Kind.LABEL;
    }

    /**
     * Reads a field.
     *
     * @param text that spans of entities are of
     * @throws IllegalArgumentException if it is not of that kind
     */
    static Target target(@Nullable JsonNode field, Kind kind, PreTokenizedText text) {
        if (kind == Kind.NONE) {
            return new Target.Unlabelled();
        }
        if (field == null || field.isNull()) {
            throw new IllegalArgumentException("is not there");
        }
        return switch (kind) {
            case LABEL -> new Target.Category(label(field));
            case LABELS -> new Target.Labels(labels(field));
            case VALUE -> new Target.Values(values(field));
            case ENTITIES -> new Target.Tags(EntityTags.of(text, entities(field)));
            case NONE -> new Target.Unlabelled();
        };
    }

    private static String label(JsonNode node) {
        if (!node.isValueNode()) {
            throw new IllegalArgumentException(
                    "takes a label, not " + Abbreviated.of(node.toString()));
        }
        var label = node.asText().strip();
        if (label.isEmpty()) {
            throw new IllegalArgumentException("has no label");
        }
        return label;
    }

    private static List<String> labels(JsonNode node) {
        requireArray(node, "a list of labels");
        var labels = new ArrayList<String>();
        node.forEach(item -> labels.add(label(item)));
        return labels;
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

    private static List<EntityTags.Entity> entities(JsonNode node) {
        requireArray(node, "a list of entities");
        var entities = new ArrayList<EntityTags.Entity>();
        for (var item : node) {
            var start = item.get("start");
            var end = item.get("end");
            var label = item.get("label");
            if (start == null
                    || !start.canConvertToInt()
                    || !start.isIntegralNumber()
                    || end == null
                    || !end.canConvertToInt()
                    || !end.isIntegralNumber()
                    || label == null
                    || !label.isTextual()
                    || label.textValue().isBlank()) {
                throw new IllegalArgumentException(
                        "takes entities {\"start\": 0, \"end\": 5, \"label\": \"...\"}, not "
                                + Abbreviated.of(item.toString()));
            }
            entities.add(
                    new EntityTags.Entity(
                            start.intValue(), end.intValue(), label.textValue().strip()));
        }
        return entities;
    }

    private static void requireArray(JsonNode node, String what) {
        if (!node.isArray()) {
            throw new IllegalArgumentException(
                    "takes " + what + ", not " + Abbreviated.of(node.toString()));
        }
    }
}
