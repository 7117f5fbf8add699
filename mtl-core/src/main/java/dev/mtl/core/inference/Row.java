package dev.mtl.core.inference;

/**
 * One row of a batch, such as a tokenized text.
 *
 * @param kind rows of equal kinds may share a batch
 * @param tokens of the row, at least 1
 * @param value what the pass reads, and where it leaves its result
 */
public record Row<K, T>(K kind, int tokens, T value) {
    public Row {
        if (tokens < 1) {
            throw new IllegalArgumentException("a row has tokens, not " + tokens);
        }
    }
}
