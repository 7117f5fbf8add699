package dev.mtl.train.format.fields;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.train.format.EntityOffsets;
import dev.mtl.train.tags.Abbreviated;
import dev.mtl.train.tags.EntityTags;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads entities of a JSON list: {@code {"start": 0, "end": 5, "label": "..."}}, {@code {"span":
 * [2, 3], "type": "..."}} or {@code [0, 5, "..."]}. They count the characters of a text, or its
 * words if the data set has split it.
 */
record JsonEntities(EntityOffsets offsets, FieldText text) {
    private static final List<String> STARTS = List.of("start", "start_offset");
    private static final List<String> ENDS = List.of("end", "end_offset");
    private static final List<String> LABELS = List.of("label", "type");

    /**
     * Tags for the words of the text.
     *
     * @throws IllegalArgumentException if the list has something else, or an entity does not fit
     */
    List<String> tags(JsonNode list) {
        if (!list.isArray()) {
            throw new IllegalArgumentException(
                    "takes a list of entities, not " + Abbreviated.of(list.toString()));
        }
        var entities = new ArrayList<EntityTags.Entity>();
        list.forEach(item -> entities.add(entity(item)));
        return EntityTags.of(text.text(), entities);
    }

    private EntityTags.Entity entity(JsonNode item) {
        var label = item.isArray() ? item.path(2) : first(item, LABELS);
        var entity =
                label.isTextual() && !label.textValue().isBlank()
                        ? span(item, label.textValue().strip())
                        : null;
        if (entity == null) {
            throw new IllegalArgumentException(
                    "takes entities {\"start\": 0, \"end\": 5, \"label\": \"...\"}, {\"span\": [0,"
                            + " 5], \"type\": \"...\"} or [0, 5, \"...\"], not "
                            + Abbreviated.of(item.toString()));
        }
        return entity;
    }

    /**
     * A span with a label that stands elsewhere; null if its ends are no numbers.
     *
     * @throws IllegalArgumentException if it is not within the text
     */
    EntityTags.@Nullable Entity span(JsonNode item, String label) {
        var span = item.isArray() ? item : item.path("span");
        var start = span.isArray() ? span.path(0) : first(item, STARTS);
        var end = item.isArray() ? item.path(1) : end(item, span);
        return isOffset(start) && isOffset(end)
                ? placed(start.intValue(), end.intValue(), label)
                : null;
    }

    /** The end of a span of two numbers; an inclusive one may list all words. */
    private JsonNode end(JsonNode item, JsonNode span) {
        if (!span.isArray()) {
            return first(item, ENDS);
        }
        if (!offsets.inclusive()) {
            if (span.size() != 2) {
                throw new IllegalArgumentException(
                        "has a span of "
                                + span.size()
                                + " numbers, "
                                + span
                                + "; if it lists all words of an entity, say span_end: inclusive");
            }
            return span.path(1);
        }
        for (int i = 1; i < span.size() && span.size() > 2; i++) {
            if (span.path(i).asInt() != span.path(i - 1).asInt() + 1) {
                throw new IllegalArgumentException(
                        "has an entity of words that are not next to each other, " + span);
            }
        }
        return span.path(span.size() - 1);
    }

    private EntityTags.Entity placed(int start, int last, String label) {
        int end = offsets.inclusive() ? last + 1 : last;
        if (text.ofWords()) {
            return ofWords(start, end, label);
        }
        return offsets.codePoints()
                ? new EntityTags.Entity(units(start), units(end), label)
                : new EntityTags.Entity(start, end, label);
    }

    private EntityTags.Entity ofWords(int start, int end, String label) {
        var words = text.text().words();
        if (start < 0 || end <= start || end > words.size()) {
            throw new IllegalArgumentException(
                    "has an entity of the words "
                            + start
                            + " to "
                            + (end - 1)
                            + ", the text has "
                            + words.size()
                            + ", from 0");
        }
        return new EntityTags.Entity(words.get(start).start(), words.get(end - 1).end(), label);
    }

    private int units(int codePoints) {
        var all = text.text().text();
        int most = all.codePointCount(0, all.length());
        return codePoints < 0 || codePoints > most
                ? codePoints < 0 ? codePoints : all.length() + 1 // beyond the text
                : all.offsetByCodePoints(0, codePoints);
    }

    private static JsonNode first(JsonNode item, List<String> names) {
        for (var name : names) {
            if (item.has(name)) {
                return item.path(name);
            }
        }
        return item.path(names.getFirst());
    }

    private static boolean isOffset(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToInt();
    }
}
