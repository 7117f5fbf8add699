package dev.mtl.train.format.fields;

import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.tags.EntityTags;

import java.util.Arrays;
import java.util.List;

/**
 * A text of a record.
 *
 * @param ofWords whether the data set has split it: entities then count words
 * @param marked the entities that were marked in the text itself
 */
public record FieldText(PreTokenizedText text, boolean ofWords, List<EntityTags.Entity> marked) {
    static FieldText of(PreTokenizedText text) {
        return new FieldText(text, false, List.of());
    }

    /** A text whose words are those between white space. */
    static FieldText ofWhiteSpace(String text) {
        return of(PreTokenizedText.ofWords(Arrays.asList(text.strip().split("\\s+"))));
    }

    /** Words, of which some may be empty: they have no token, and keep the tags in step. */
    static FieldText ofWords(List<String> words) {
        return new FieldText(PreTokenizedText.ofWords(words), true, List.of());
    }

    boolean isEmpty() {
        return text.text().isBlank();
    }

    /**
     * The tags of its words.
     *
     * @throws IllegalArgumentException if they are not as many
     */
    List<String> tags(List<String> tags) {
        if (tags.size() != text.words().size()) {
            throw new IllegalArgumentException(
                    "has " + tags.size() + " tags, the text has " + text.words().size() + " words");
        }
        return tags;
    }
}
