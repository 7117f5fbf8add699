package dev.mtl.server.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Offsets of predictions in code points, as Python counts, instead of UTF-16 units. */
final class CodePoints {
    private CodePoints() {}

    /**
     * A copy of JSON whose {@code start} and {@code end} count code points.
     *
     * @param text that they are offsets of
     */
    static Object convert(Object json, String text) {
        return switch (json) {
            case Map<?, ?> object -> {
                var converted = new LinkedHashMap<String, Object>();
                object.forEach(
                        (key, value) -> converted.put((String) key, convert(key, value, text)));
                yield converted;
            }
            case List<?> array -> array.stream().map(value -> convert(value, text)).toList();
            default -> json;
        };
    }

    private static Object convert(Object key, Object value, String text) {
        boolean offset = key.equals("start") || key.equals("end");
        return offset && value instanceof Integer units
                ? text.codePointCount(0, units)
                : convert(value, text);
    }
}
