package dev.mtl.core.head;

import dev.mtl.core.tokenizer.PreTokenizedText;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/**
 * Makes heads of one type; found through {@link java.util.ServiceLoader} by a service file {@code
 * META-INF/services/dev.mtl.core.head.HeadProvider}.
 *
 * @param <P> the head's own settings: a record whose components are the keys that YAML may give it,
 *     in snake case. Its constructor rejects bad values by an {@link IllegalArgumentException},
 *     whose message a user sees with the file and line.
 */
public interface HeadProvider<P extends Record> {
    /** The name by which YAML calls this type, such as {@code classification}. */
    String type();

    /** The settings of a head of which YAML says nothing but the type; also names their class. */
    P defaults();

    /**
     * Whether {@link #readTarget} reads the targets of data files, whatever format these have.
     * False unless overridden: the format and {@code kind} say what a field means.
     */
    default boolean readsTargets() {
        return false;
    }

    /**
     * Reads the target of a row from the field that {@code data.column} names. Data sets that a
     * program gives as objects have targets already.
     *
     * @param settings of the head
     * @param field a string in tables, a list of strings where a file has a word a line, else what
     *     JSON may hold: a string, a number, a boolean, a list, a map; null if the row has no such
     *     field
     * @param texts of the row
     * @return a {@link Target.Own}, or another kind of target
     * @throws IllegalArgumentException if the field is none; {@code on_bad_row} decides whether the
     *     run ends, with this message, file and line, or leaves the row out
     */
    default Target readTarget(P settings, @Nullable Object field, List<PreTokenizedText> texts) {
        throw new UnsupportedOperationException(getClass() + " reads no targets");
    }

    /**
     * What a head must know of its labels, learned from the training data and stored with the
     * model.
     *
     * @param targets of every training example
     * @return labels in the order of their logits; empty if the head has none
     * @throws IllegalArgumentException if a target is of a kind that this type cannot learn
     */
    List<String> learnLabels(Iterable<Target> targets);

    /**
     * The same for a head of some settings, if they say which labels there are; those of {@link
     * #learnLabels(Iterable)} unless overridden.
     */
    default List<String> learnLabels(P settings, Iterable<Target> targets) {
        return learnLabels(targets);
    }

    /**
     * The settings with what they leave to the training data, such as weights by the labels'
     * counts. It is called before a new head is made; the model is saved with what it returns. The
     * same settings unless overridden.
     *
     * @param targets of every training example
     */
    default P learnSettings(P settings, Iterable<Target> targets) {
        return settings;
    }

    /**
     * Whether the tags of words mark entities, by prefixes such as {@code B-}. They are then given
     * as BIO2, whatever scheme the data has, with the places of those that fit no scheme; else as
     * the data has them. True unless overridden.
     */
    default boolean tagsMarkEntities() {
        return true;
    }

    /** Whether the heads mask texts, see {@link TaskHead#masks}. False unless overridden. */
    default boolean masksTexts() {
        return false;
    }

    /**
     * A model whose sentence embeddings of all texts the head learns from, by its name or folder.
     * They are computed once, before training, and targets are {@link Target.Taught}. Empty unless
     * overridden.
     */
    default Optional<String> teacher(P settings) {
        return Optional.empty();
    }

    /** Makes a head. */
    TaskHead<?> create(P settings, HeadContext context);
}
