package dev.mtl.heads.token;

import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.pipeline.Entity;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.heads.Probabilities;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The words of a text, each with its tag.
 *
 * @param tags one per word; empty for words that the model did not read
 * @param entities the words that it read
 * @param logits of each word; null for words that the model did not read
 */
@SuppressWarnings("ArrayRecordComponent") // one for each text, compared by tags and entities
record TaggedText(List<String> tags, List<Entity> entities, float[] @Nullable [] logits)
        implements EntityPrediction {
    /** The tag of a word without tokens, which no data has. */
    static final String NONE = "";

    TaggedText {
        tags = List.copyOf(tags);
        entities = List.copyOf(entities);
    }

    /**
     * The best tag of each word.
     *
     * @param logits of each word; null for words that the model did not read
     * @param temperature of the scores
     */
    static TaggedText of(
            PreTokenizedText text,
            LabelIndex labels,
            float[] @Nullable [] logits,
            double temperature) {
        var tags = new ArrayList<String>();
        var entities = new ArrayList<Entity>();
        for (int i = 0; i < logits.length; i++) {
            var row = logits[i];
            if (row == null) {
                tags.add(NONE);
                continue;
            }
            var word = text.words().get(i);
            var tag = labels.label(LabelIndex.argmax(row, 0, row.length));
            tags.add(tag);
            entities.add(
                    new Entity(
                            word.text(),
                            tag,
                            word.start(),
                            word.end(),
                            Probabilities.largest(row, temperature)));
        }
        return new TaggedText(tags, entities, logits);
    }

    @Override
    public boolean ofWords() {
        return true;
    }

    /** How sure the tag of a word is that the model read. */
    double confidence(int word, double temperature) {
        return Probabilities.largest(Objects.requireNonNull(logits[word]), temperature);
    }

    @Override
    public Map<String, Object> toJson() {
        return Map.of("words", entities.stream().map(Entity::toJson).toList());
    }

    @Override
    public String toText() {
        return entities.isEmpty()
                ? "-"
                : entities.stream()
                        .map(word -> word.text() + "/" + word.label())
                        .collect(Collectors.joining(" "));
    }

    /** The logits play no part: they are what the scores come from. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TaggedText that
                && tags.equals(that.tags)
                && entities.equals(that.entities);
    }

    @Override
    public int hashCode() {
        return entities.hashCode();
    }
}
