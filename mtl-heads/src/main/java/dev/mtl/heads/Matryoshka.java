package dev.mtl.heads;

import java.util.ArrayList;
import java.util.List;

/**
 * The dimensions that embeddings may be cut to later: a loss is added for each of them, so that the
 * first dimensions hold the most (Kusupati et al. 2022, arXiv 2205.13147).
 */
public final class Matryoshka {
    private Matryoshka() {}

    /**
     * The numbers of dimensions of a setting.
     *
     * @param dimensions as YAML has them
     * @throws IllegalArgumentException if one is no positive integer, or named twice
     */
    public static List<Integer> parse(List<String> dimensions) {
        var parsed = new ArrayList<Integer>();
        for (var each : dimensions) {
            if (!each.matches("[1-9]\\d{0,5}") || parsed.contains(Integer.valueOf(each))) {
                throw new IllegalArgumentException(
                        "matryoshka has "
                                + each
                                + "; it takes different numbers of dimensions, such as [256, 64]");
            }
            parsed.add(Integer.valueOf(each));
        }
        return List.copyOf(parsed);
    }

    /**
     * Rejects dimensions that embeddings do not have.
     *
     * @param width of a sentence embedding
     */
    public static void requireFit(List<Integer> dimensions, int width) {
        for (int each : dimensions) {
            if (each >= width) {
                throw new IllegalArgumentException(
                        "matryoshka has %d, the embeddings have %d dimensions; name smaller numbers, the whole embedding is trained anyway"
                                .formatted(each, width));
            }
        }
    }
}
