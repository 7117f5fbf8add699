package dev.mtl.heads.distillation;

import dev.mtl.core.head.Prediction;
import dev.mtl.heads.Probabilities;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a student says of an example.
 *
 * @param ofMargins whether there are similarities, of the first text and each other one, in one
 *     row; else an embedding of each text, as the teacher would have it
 */
record Distilled(boolean ofMargins, List<float[]> rows) implements Prediction {
    Distilled {
        rows = List.copyOf(rows);
    }

    @Override
    public Map<String, Object> toJson() {
        return ofMargins
                ? Map.of("similarities", rounded(rows.getFirst()))
                : Map.of("embeddings", rows.stream().map(Distilled::rounded).toList());
    }

    private static List<Double> rounded(float[] values) {
        var rounded = new ArrayList<Double>();
        for (float value : values) {
            rounded.add(Probabilities.rounded(value));
        }
        return rounded;
    }

    @Override
    public String toText() {
        if (!ofMargins) {
            return rows.getFirst().length + " dimensions";
        }
        var text = new StringBuilder();
        for (float value : rows.getFirst()) {
            text.append(text.isEmpty() ? "" : " ")
                    .append(String.format(Locale.ROOT, "%.3f", value));
        }
        return text.toString();
    }
}
