package dev.mtl.core.head;

import java.util.Map;
import java.util.function.LongFunction;

/** What a head says of one text. */
public interface Prediction {
    /**
     * As JSON would have it: strings, numbers, booleans, null, lists and maps, in the order to
     * print them.
     */
    Map<String, Object> toJson();

    /**
     * {@link #toJson()}, where a head chooses among labels with the best of them as {@code labels}.
     *
     * @param topK the most labels to list, at least 1
     */
    default Map<String, Object> toJson(int topK) {
        return toJson();
    }

    /**
     * The same with the texts of its tokens, where a head that {@link TaskHead#masks} predicts
     * tokens of the backbone's vocabulary. This unless overridden.
     *
     * @param texts of tokens, by their ids
     */
    default Prediction withTokens(LongFunction<String> texts) {
        return this;
    }

    /**
     * What there is to say of the entities of the text. This unless overridden.
     *
     * @param entities what the head of {@link TaskHead#entitiesTask} said of the text
     */
    default Prediction withEntities(Prediction entities) {
        return this;
    }

    /**
     * The answer to what the data asks, where a target says that, such as of which entities, and
     * not only what is right. This unless overridden.
     */
    default Prediction asked(Target target) {
        return this;
    }

    /** As one line for a person. */
    String toText();
}
