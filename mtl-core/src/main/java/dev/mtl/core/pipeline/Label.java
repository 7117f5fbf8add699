package dev.mtl.core.pipeline;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A label of a text.
 *
 * @param name of the label, as in the training data
 * @param score its probability, 0 to 1; calibrated if the head was calibrated after training
 */
public record Label(String name, double score) {
    /**
     * {@code label} and {@code score} in a new map, as {@code mtl predict --format json} prints
     * them. The score has the digits that identify its nearest float: networks compute in floats,
     * so further digits mean nothing.
     */
    public Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("label", name);
        json.put("score", Double.valueOf(Float.toString((float) score)));
        return json;
    }
}
