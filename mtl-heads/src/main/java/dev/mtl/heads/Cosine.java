package dev.mtl.heads;

import dev.mtl.core.head.Prediction;

import java.util.Locale;
import java.util.Map;

/**
 * The similarity of two texts.
 *
 * @param score the cosine of their embeddings, -1 to 1
 */
public record Cosine(float score) implements Prediction {
    @Override
    public Map<String, Object> toJson() {
        return Map.of("score", score);
    }

    @Override
    public String toText() {
        return String.format(Locale.ROOT, "%.3f", score);
    }
}
