package dev.mtl.train.format.fields;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.head.Target.Relations.Relation;
import dev.mtl.core.head.Target.Relations.Span;
import dev.mtl.train.format.EntityOffsets;
import dev.mtl.train.tags.Abbreviated;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads relations: {@code {"head": [0, 3], "tail": [14, 18], "label": "works_for"}}, one or a list
 * of them. Spans are as those of entities, {@link JsonEntities}, without a label.
 */
final class JsonRelations {
    private static final List<List<String>> ENDS =
            List.of(List.of("head", "tail"), List.of("subject", "object"), List.of("h", "t"));
    private static final List<String> LABELS = List.of("label", "type", "relation", "predicate");

    private JsonRelations() {}

    /** Whether a field, or an item of it, looks like a relation. */
    static boolean isRelation(JsonNode node) {
        return ENDS.stream().anyMatch(names -> names.stream().allMatch(node::has));
    }

    /**
     * The relations of a field.
     *
     * @throws IllegalArgumentException if it has something else, or a span does not fit the text
     */
    static List<Relation> of(JsonNode field, EntityOffsets offsets, FieldText text) {
        var entities = new JsonEntities(offsets, text);
        var relations = new ArrayList<Relation>();
        if (field.isArray()) {
            field.forEach(item -> relations.add(relation(item, entities)));
        } else {
            relations.add(relation(field, entities));
        }
        return relations;
    }

    private static Relation relation(JsonNode item, JsonEntities entities) {
        var label =
                LABELS.stream()
                        .map(item::path)
                        .filter(JsonNode::isTextual)
                        .map(node -> node.textValue().strip())
                        .filter(text -> !text.isEmpty())
                        .findFirst();
        var ends = ENDS.stream().filter(names -> names.stream().allMatch(item::has)).findFirst();
        if (label.isEmpty() || ends.isEmpty()) {
            throw wrong(item);
        }
        return new Relation(
                span(item, ends.get().getFirst(), entities),
                span(item, ends.get().getLast(), entities),
                label.get());
    }

    /** A span of the text, which stands for the words that it has a part of. */
    private static Span span(JsonNode item, String end, JsonEntities entities) {
        var span = entities.span(item.path(end), end);
        if (span == null) {
            throw wrong(item);
        }
        var text = entities.text().text();
        int length = text.text().length();
        if (span.start() < 0 || span.end() <= span.start() || span.end() > length) {
            throw new IllegalArgumentException(
                    "the span %d-%d is not within the text, which has %d UTF-16 units"
                            .formatted(span.start(), span.end(), length));
        }
        boolean hasWord =
                text.words().stream()
                        .anyMatch(word -> word.start() < span.end() && word.end() > span.start());
        if (!hasWord) {
            throw new IllegalArgumentException(
                    "the span %d-%d has no word".formatted(span.start(), span.end()));
        }
        return new Span(span.start(), span.end());
    }

    private static IllegalArgumentException wrong(JsonNode node) {
        return new IllegalArgumentException(
                "takes relations {\"head\": [0, 3], \"tail\": {\"start\": 14, \"end\": 18},"
                        + " \"label\": \"...\"}, not "
                        + Abbreviated.of(node.toString()));
    }
}
