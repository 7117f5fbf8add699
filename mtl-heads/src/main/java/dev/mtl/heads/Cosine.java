package dev.mtl.heads;

import dev.mtl.core.pipeline.ValuePrediction;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The similarity of two texts.
 *
 * @param value the cosine of their embeddings, -1 to 1
 */
public record Cosine(double value) implements ValuePrediction {
    @Override
    public List<Double> values() {
        return List.of(value);
    }

    @Override
    public Map<String, Object> toJson() {
        return Map.of("score", Probabilities.rounded(value));
    }

    @Override
    public String toText() {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
