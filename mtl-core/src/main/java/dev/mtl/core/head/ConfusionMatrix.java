package dev.mtl.core.head;

import java.util.Arrays;
import java.util.List;

/** How often each label of the data was predicted as each. */
public final class ConfusionMatrix {
    private final List<String> labels;
    private final int[][] counts;

    /**
     * Keeps a copy.
     *
     * @param counts one row for each label of the data, one column for each predicted label
     */
    public ConfusionMatrix(List<String> labels, int[][] counts) {
        this.labels = List.copyOf(labels);
        this.counts = Arrays.stream(counts).map(int[]::clone).toArray(int[][]::new);
        if (counts.length != labels.size()
                || Arrays.stream(counts).anyMatch(row -> row.length != labels.size())) {
            throw new IllegalArgumentException(
                    "a confusion matrix has a row and a column for each of "
                            + labels.size()
                            + " labels");
        }
    }

    public List<String> labels() {
        return labels;
    }

    /**
     * How often.
     *
     * @param gold position of the label in the data
     * @param predicted position of the label that the head gave
     */
    public int count(int gold, int predicted) {
        return counts[gold][predicted];
    }
}
