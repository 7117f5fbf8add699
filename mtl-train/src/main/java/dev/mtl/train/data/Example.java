package dev.mtl.train.data;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.tags.EntityTags;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One labelled example: a text, or several that belong together, with a target for each task.
 *
 * <pre>{@code
 * Example.of("Book the blue room for Monday")
 *         .withLabel("intent", "book")
 *         .withEntities("slots", new Example.Span(9, 18, "room"))
 * }</pre>
 *
 * @param id its number in its data set, from 1; 0 before it is in one
 * @param place where it comes from, for messages, such as file and line; empty to be named by its
 *     data set and number
 * @param texts with their words
 * @param targets by task; an example that some tasks of its data set cannot use has none for them
 */
public record Example(
        int id, String place, List<PreTokenizedText> texts, Map<String, Target> targets) {
    public Example {
        texts = List.copyOf(texts);
        targets = Map.copyOf(targets);
    }

    /** An example that comes from no file. */
    public Example(int id, List<PreTokenizedText> texts, Map<String, Target> targets) {
        this(id, "example:" + id, texts, targets);
    }

    /**
     * An entity of a text.
     *
     * @param start UTF-16 offset of its first character
     * @param end UTF-16 offset after its last one
     * @param label its type
     */
    public record Span(int start, int end, String label) {}

    /** A text without targets. */
    public static Example of(String text) {
        return ofTexts(text);
    }

    /** Texts that belong together, for heads that compare texts or read two together. */
    public static Example ofTexts(String... texts) {
        return new Example(
                0, "", Arrays.stream(texts).map(PreTokenizedText::of).toList(), Map.of());
    }

    /** A text that its data set has already split into words. */
    public static Example ofWords(List<String> words) {
        return new Example(0, "", List.of(PreTokenizedText.ofWords(words)), Map.of());
    }

    /** The same example with the place that messages name, such as a key of a database. */
    public Example at(String place) {
        return new Example(id, place, texts, targets);
    }

    /** The same example with a target, which replaces one that the task has. */
    public Example withTarget(String task, Target target) {
        var all = new HashMap<>(targets);
        all.put(task, target);
        return new Example(id, place, texts, all);
    }

    /** The same example with one label for the whole text. */
    public Example withLabel(String task, String label) {
        return withTarget(task, new Target.Category(label));
    }

    /** The same example with any number of labels for the whole text. */
    public Example withLabels(String task, Collection<String> labels) {
        return withTarget(task, new Target.Labels(List.copyOf(labels)));
    }

    /** The same example with one or several numbers for the whole text, such as a rating. */
    public Example withValues(String task, double... values) {
        return withTarget(task, new Target.Values(Arrays.stream(values).boxed().toList()));
    }

    /**
     * The same example with a tag for each word of its first text; BIO2 or one of the schemes that
     * files may have.
     */
    public Example withTags(String task, List<String> tags) {
        return withTarget(task, new Target.Tags(tags));
    }

    /**
     * The same example with the entities of its first text, none too.
     *
     * @throws ConfigurationException if an entity cuts a word, has none, or overlaps another
     */
    public Example withEntities(String task, Span... entities) {
        return withEntities(task, List.of(entities));
    }

    /** As {@link #withEntities(String, Span...)}. */
    public Example withEntities(String task, List<Span> entities) {
        var spans =
                entities.stream()
                        .map(span -> new EntityTags.Entity(span.start(), span.end(), span.label()))
                        .toList();
        try {
            return withTags(task, EntityTags.of(texts.getFirst(), spans));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "the entities of '%s' in '%s': %s"
                            .formatted(task, texts.getFirst().text(), e.getMessage()),
                    e);
        }
    }

    /** The same example without anything to say for a task that learns from texts alone. */
    public Example unlabelled(String task) {
        return withTarget(task, new Target.Unlabelled());
    }

    /** The words of the first text, in most data the only one. */
    public List<String> words() {
        return texts.getFirst().wordTexts();
    }
}
