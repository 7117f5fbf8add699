package dev.mtl.heads.token;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.tokenizer.PreTokenizedText;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tags of a text's words, and the entities that they form.
 *
 * @param tags one per word
 */
record Tagged(List<String> tags, List<Entity> entities) implements Prediction {
    Tagged {
        tags = List.copyOf(tags);
        entities = List.copyOf(entities);
    }

    /**
     * An entity of a text.
     *
     * @param start UTF-16 offset of its first character
     * @param end UTF-16 offset after its last one: {@code text.substring(start, end)} is the entity
     * @param score the mean probability of its words' tags
     */
    record Entity(String text, String label, int start, int end, double score) {
        Map<String, Object> toJson() {
            var json = new LinkedHashMap<String, Object>();
            json.put("text", text);
            json.put("label", label);
            json.put("start", start);
            json.put("end", end);
            json.put("score", score);
            return json;
        }
    }

    /**
     * Collects the entities from the tags.
     *
     * @param scores the probability of each word's tag
     */
    static Tagged of(PreTokenizedText text, List<String> tags, float[] scores) {
        var entities = new ArrayList<Entity>();
        for (var span : Spans.of(tags)) {
            int start = text.words().get(span.start()).start();
            int end = text.words().get(span.end() - 1).end();
            double sum = 0;
            for (int word = span.start(); word < span.end(); word++) {
                sum += scores[word];
            }
            entities.add(
                    new Entity(
                            text.text().substring(start, end),
                            span.type(),
                            start,
                            end,
                            sum / (span.end() - span.start())));
        }
        return new Tagged(tags, entities);
    }

    @Override
    public Map<String, Object> toJson() {
        return Map.of("entities", entities.stream().map(Entity::toJson).toList());
    }

    @Override
    public String toText() {
        return entities.isEmpty()
                ? "-"
                : String.join(
                        ", ",
                        entities.stream().map(e -> e.label() + "='" + e.text() + "'").toList());
    }
}
