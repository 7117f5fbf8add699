package dev.mtl.train.loading;

import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.data.Example;
import dev.mtl.train.tags.Abbreviated;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Finds texts that are nearly the same, by the cosine of their embeddings. Every text is compared
 * with every other: the time grows with the product of the sizes of two splits.
 */
public final class NearTexts {
    /** The most pairs that a problem shows. */
    private static final int MOST_SHOWN = 3;

    private final Function<List<String>, float[][]> embedder;
    private final double from;
    private final Map<String, float[]> embeddings = new LinkedHashMap<>();

    /** A text, and the nearest one of an earlier split. */
    private record Pair(Example example, Example nearest, double cosine) {}

    /**
     * Compares by embeddings.
     *
     * @param embedder gives a vector for each text
     * @param from the smallest cosine of texts that are nearly the same
     */
    public NearTexts(Function<List<String>, float[][]> embedder, double from) {
        this.embedder = embedder;
        this.from = from;
    }

    /** The problem of texts that are nearly those of an earlier split, if there are any. */
    Optional<String> problem(
            String source,
            String split,
            List<Example> examples,
            String earlier,
            List<Example> before) {
        embed(examples);
        embed(before);
        var near =
                IntStream.range(0, examples.size())
                        .parallel()
                        .mapToObj(i -> nearest(examples.get(i), before))
                        .filter(pair -> pair.cosine() >= from)
                        .sorted(Comparator.comparingDouble(pair -> -pair.cosine()))
                        .toList();
        if (near.isEmpty()) {
            return Optional.empty();
        }
        var shown =
                near.stream()
                        .limit(MOST_SHOWN)
                        .map(
                                pair ->
                                        "%s '%s' and %s '%s' (%.3f)"
                                                .formatted(
                                                        pair.example().place(),
                                                        Abbreviated.of(text(pair.example())),
                                                        pair.nearest().place(),
                                                        Abbreviated.of(text(pair.nearest())),
                                                        pair.cosine()))
                        .collect(Collectors.joining("; "));
        return Optional.of(
                String.format(
                        Locale.ROOT,
                        "%s: %d texts of %s are nearly those of the %s data (cosine from %s): %s%s",
                        source,
                        near.size(),
                        split,
                        earlier,
                        from,
                        shown,
                        near.size() > MOST_SHOWN ? "; ..." : ""));
    }

    private Pair nearest(Example example, List<Example> before) {
        var own = embeddings.getOrDefault(text(example), new float[0]);
        var best = before.getFirst();
        double most = -1;
        for (var other : before) {
            double cosine = dot(own, embeddings.getOrDefault(text(other), new float[0]));
            if (cosine > most) {
                most = cosine;
                best = other;
            }
        }
        return new Pair(example, best, most);
    }

    private static double dot(float[] a, float[] b) {
        float sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private void embed(List<Example> examples) {
        var texts = new ArrayList<String>();
        for (var example : examples) {
            if (embeddings.putIfAbsent(text(example), new float[0]) == null) {
                texts.add(text(example));
            }
        }
        if (texts.isEmpty()) {
            return;
        }
        var vectors = embedder.apply(texts);
        for (int i = 0; i < vectors.length; i++) {
            embeddings.put(texts.get(i), unit(vectors[i]));
        }
    }

    private static float[] unit(float[] vector) {
        double length = Math.sqrt(Math.max(dot(vector, vector), 1e-24));
        var unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / length);
        }
        return unit;
    }

    private static String text(Example example) {
        return example.texts().stream()
                .map(PreTokenizedText::text)
                .collect(Collectors.joining(" / "));
    }
}
