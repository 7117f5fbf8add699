package dev.mtl.core.pipeline;

/** Two texts for tasks that compare them. */
public record TextPair(String first, String second) {
    /** A pair of texts as users wrote them. */
    public static TextPair of(String first, String second) {
        return new TextPair(first, second);
    }
}
