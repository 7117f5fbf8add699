package dev.mtl.core.head;

import java.util.Map;

/** What a head says of one text. */
public interface Prediction {
    /**
     * As JSON would have it: strings, numbers, booleans, lists and maps, in the order to print
     * them.
     */
    Map<String, Object> toJson();

    /** As one line for a person. */
    String toText();
}
