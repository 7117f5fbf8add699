package dev.mtl.heads.token;

import dev.mtl.core.pipeline.Entity;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The tags of a text's words, and the entities that they form.
 *
 * @param tags one per word
 * @param entities that they form
 * @param evidence of each entity
 */
record Tagged(List<String> tags, List<Entity> entities, List<TagEvidence> evidence)
        implements EntityPrediction {
    Tagged {
        tags = List.copyOf(tags);
        entities = List.copyOf(entities);
        evidence = List.copyOf(evidence);
    }

    /**
     * Collects the entities from the tags.
     *
     * @param words each word's tag
     * @param temperature of the entities' scores
     */
    static Tagged of(PreTokenizedText text, TaggedWords words, double temperature) {
        var entities = new ArrayList<Entity>();
        var evidence = new ArrayList<TagEvidence>();
        for (var span : Spans.of(words.tags())) {
            int start = text.words().get(span.start()).start();
            int end = text.words().get(span.end() - 1).end();
            var own = words.evidence(span);
            evidence.add(own);
            entities.add(
                    new Entity(
                            text.text().substring(start, end),
                            span.type(),
                            start,
                            end,
                            own.at(temperature)));
        }
        return new Tagged(words.tags(), entities, evidence);
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

    /** The evidence plays no part: it is what the scores come from. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Tagged that
                && tags.equals(that.tags)
                && entities.equals(that.entities);
    }

    @Override
    public int hashCode() {
        return entities.hashCode();
    }
}
