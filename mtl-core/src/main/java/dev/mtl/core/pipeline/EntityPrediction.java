package dev.mtl.core.pipeline;

import dev.mtl.core.head.Prediction;

import java.util.List;

/** The prediction of a head that labels spans of a text. */
public interface EntityPrediction extends Prediction {
    /** The spans in the order of the text. */
    List<Entity> entities();

    /**
     * A tag for each word of the text, as the training data has them; empty if the head has none.
     */
    default List<String> tags() {
        return List.of();
    }

    /** Whether each word is a span of its own, with its tag as the label. */
    default boolean ofWords() {
        return false;
    }
}
