package dev.mtl.heads.token;

import dev.mtl.core.head.LabelIndex;

import java.util.Arrays;
import java.util.List;

/** The words of a text with their tags; words that the model did not read are tagged O. */
final class TaggedWords {
    private final LabelIndex labels;
    private final String[] tags;
    private final int[] indices;
    private final float[][] probabilities;

    TaggedWords(LabelIndex labels, int words) {
        this.labels = labels;
        tags = new String[words];
        Arrays.fill(tags, Spans.OUTSIDE);
        indices = new int[words];
        probabilities = new float[words][];
    }

    /**
     * Stores the tags of the words that have tokens; a word without tokens belongs to the entity
     * that continues after it.
     *
     * @param words that have tokens
     */
    void set(TagModel.Choice choice, int[] words) {
        for (int i = 0; i < words.length; i++) {
            var tag = labels.label(choice.tags()[i]);
            int from = words[i];
            if (i > 0 && tag.startsWith("I-") && isOfType(tags[words[i - 1]], tag)) {
                from = words[i - 1] + 1;
            }
            for (int word = from; word <= words[i]; word++) {
                tags[word] = tag;
                indices[word] = choice.tags()[i];
                probabilities[word] = choice.probabilities()[i];
            }
        }
    }

    private static boolean isOfType(String tag, String other) {
        return Spans.type(tag).equals(Spans.type(other));
    }

    /** A tag for each word. */
    List<String> tags() {
        return List.of(tags);
    }

    /** What the words of an entity, all of which were {@link #set}, say for it. */
    TagEvidence evidence(Spans.Span entity) {
        return new TagEvidence(
                Arrays.copyOfRange(probabilities, entity.start(), entity.end()),
                Arrays.copyOfRange(indices, entity.start(), entity.end()));
    }
}
