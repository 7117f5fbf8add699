package dev.mtl.core.pipeline;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A span of a text that a token head labelled.
 *
 * @param text the span's characters: {@code input.substring(start, end)}
 * @param label its type
 * @param start of the span in the input, in UTF-16 units
 * @param end of the span in the input, in UTF-16 units, exclusive
 * @param score its probability, 0 to 1; calibrated if the head was calibrated after training
 */
public record Entity(String text, String label, int start, int end, double score) {
    /**
     * The components by their names in a new map, as {@code mtl predict --format json} prints them.
     */
    public Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("text", text);
        json.put("label", label);
        json.put("start", start);
        json.put("end", end);
        json.put("score", score);
        return json;
    }
}
