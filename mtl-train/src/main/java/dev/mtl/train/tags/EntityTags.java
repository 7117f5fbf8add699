package dev.mtl.train.tags;

import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.Word;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** Converts entities given as character spans of a text to BIO2 tags of its words. */
public final class EntityTags {
    private static final String OUTSIDE = "O";

    private EntityTags() {}

    /**
     * An entity.
     *
     * @param start UTF-16 offset of its first character
     * @param end UTF-16 offset after its last one
     */
    public record Entity(int start, int end, String label) {}

    /**
     * Converts entities.
     *
     * @throws IllegalArgumentException if an entity cuts a word, holds none, or overlaps another
     */
    public static List<String> of(PreTokenizedText tokenized, List<Entity> entities) {
        var text = tokenized.text();
        var words = tokenized.words();
        var tags = new ArrayList<>(Collections.nCopies(words.size(), OUTSIDE));
        int word = 0;
        int before = 0;
        var inOrder = entities.stream().sorted(Comparator.comparingInt(Entity::start)).toList();
        for (var entity : inOrder) {
            if (entity.start() < 0
                    || entity.end() <= entity.start()
                    || entity.end() > text.length()) {
                throw new IllegalArgumentException(
                        "the entity "
                                + range(entity)
                                + " is not within the text, which has "
                                + text.length()
                                + " UTF-16 units");
            }
            if (entity.start() < before) {
                throw new IllegalArgumentException(
                        "the entity " + shown(text, entity) + " overlaps the one before it");
            }
            before = entity.end();
            while (word < words.size() && words.get(word).end() <= entity.start()) {
                word++;
            }
            int first = word;
            while (word < words.size() && words.get(word).start() < entity.end()) {
                requireWhole(text, entity, words.get(word));
                tags.set(word, (word == first ? "B-" : "I-") + entity.label());
                word++;
            }
            if (word == first) {
                throw new IllegalArgumentException(
                        "the entity " + shown(text, entity) + " has no word");
            }
        }
        return tags;
    }

    private static void requireWhole(String text, Entity entity, Word word) {
        if (word.start() < entity.start() || word.end() > entity.end()) {
            throw new IllegalArgumentException(
                    "the entity "
                            + shown(text, entity)
                            + " cuts the word '"
                            + Abbreviated.of(word.text())
                            + "' at "
                            + word.start()
                            + "-"
                            + word.end()
                            + "; offsets count UTF-16 units from 0, the end is behind the last");
        }
    }

    private static String shown(String text, Entity entity) {
        return range(entity)
                + " '"
                + Abbreviated.of(text.substring(entity.start(), entity.end()))
                + "'";
    }

    private static String range(Entity entity) {
        return entity.start() + "-" + entity.end();
    }
}
