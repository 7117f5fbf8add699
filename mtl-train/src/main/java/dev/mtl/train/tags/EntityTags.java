package dev.mtl.train.tags;

import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.Word;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** Converts entities given as character spans of a text to BIO2 tags of its words, and back. */
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

    /**
     * The entities of tags, the inverse of {@link #of}. As {@code conlleval.pl} reads them, an
     * entity begins at B- and S-, at any tag of another type than the one before, and at I- or E-
     * after O; a tag without a prefix is the type of a single word.
     *
     * @param tags one per word
     */
    public static List<Entity> entities(PreTokenizedText tokenized, List<String> tags) {
        var entities = new ArrayList<Entity>();
        var before = OUTSIDE;
        for (int i = 0; i < tags.size(); i++) {
            var tag = tags.get(i);
            if (!tag.equals(OUTSIDE)) {
                var word = tokenized.words().get(i);
                if (continues(before, tag)) {
                    int start = entities.removeLast().start();
                    entities.add(new Entity(start, word.end(), type(tag)));
                } else {
                    entities.add(new Entity(word.start(), word.end(), type(tag)));
                }
            }
            before = tag;
        }
        return entities;
    }

    private static boolean continues(String before, String tag) {
        return hasPrefix(tag)
                && hasPrefix(before)
                && "IEL".indexOf(tag.charAt(0)) >= 0
                && "ESLU".indexOf(before.charAt(0)) < 0
                && type(before).equals(type(tag));
    }

    private static boolean hasPrefix(String tag) {
        return tag.length() > 2 && tag.charAt(1) == '-' && "BIESLU".indexOf(tag.charAt(0)) >= 0;
    }

    private static String type(String tag) {
        return hasPrefix(tag) ? tag.substring(2) : tag;
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
