package dev.mtl.core.head;

import java.util.Map;

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

    /** As one line for a person. */
    String toText();
}
