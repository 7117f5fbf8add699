package dev.mtl.core.head.testkit;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Predictions as JSON. */
final class JsonValues {
    private static final double TOLERANCE = 1e-4;

    private JsonValues() {}

    /** Whether two values are the same but for the rounding of numbers. */
    static boolean areClose(@Nullable Object a, @Nullable Object b) {
        return switch (a) {
            case Number x ->
                    b instanceof Number y
                            && (x.equals(y)
                                    || Math.abs(x.doubleValue() - y.doubleValue())
                                            <= TOLERANCE * (1 + Math.abs(x.doubleValue())));
            case Map<?, ?> x ->
                    b instanceof Map<?, ?> y
                            && x.keySet().equals(y.keySet())
                            && x.entrySet().stream()
                                    .allMatch(e -> areClose(e.getValue(), y.get(e.getKey())));
            case List<?> x -> b instanceof List<?> y && areClose(x, y);
            case null -> b == null;
            default -> a.equals(b);
        };
    }

    private static boolean areClose(List<?> a, List<?> b) {
        for (int i = 0; i < a.size() && i < b.size(); i++) {
            if (!areClose(a.get(i), b.get(i))) {
                return false;
            }
        }
        return a.size() == b.size();
    }

    /** What in a value JSON cannot express; empty if there is nothing. */
    static Optional<Object> notJson(@Nullable Object value) {
        return switch (value) {
            case null -> Optional.empty();
            case String _, Number _, Boolean _ -> Optional.empty();
            case List<?> list ->
                    list.stream().flatMap(element -> notJson(element).stream()).findFirst();
            case Map<?, ?> map ->
                    map.entrySet().stream()
                            .flatMap(
                                    e ->
                                            e.getKey() instanceof String
                                                    ? notJson(e.getValue()).stream()
                                                    : Optional.ofNullable(e.getKey()).stream())
                            .findFirst();
            default -> Optional.of(value);
        };
    }
}
