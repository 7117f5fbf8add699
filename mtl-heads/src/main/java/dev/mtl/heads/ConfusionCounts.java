package dev.mtl.heads;

import dev.mtl.core.head.ConfusionMatrix;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/** Counts for a confusion matrix, whose labels may grow. */
public final class ConfusionCounts {
    private final SequencedSet<String> labels = new LinkedHashSet<>();
    private final Map<Cell, Integer> counts = new HashMap<>();

    private record Cell(String gold, String predicted) {}

    /**
     * Counts nothing yet.
     *
     * @param first labels of the matrix; others follow as they are counted
     */
    public ConfusionCounts(Collection<String> first) {
        labels.addAll(first);
    }

    /** Counts a label of the data that was predicted as another, or as itself. */
    public void add(String gold, String predicted) {
        labels.add(gold);
        labels.add(predicted);
        counts.merge(new Cell(gold, predicted), 1, Integer::sum);
    }

    /** The counts so far. */
    public ConfusionMatrix matrix() {
        var all = List.copyOf(labels);
        var indices = new HashMap<String, Integer>();
        all.forEach(label -> indices.put(label, indices.size()));
        var matrix = new int[all.size()][all.size()];
        counts.forEach(
                (cell, count) ->
                        matrix[indices.getOrDefault(cell.gold, 0)][
                                        indices.getOrDefault(cell.predicted, 0)] =
                                count);
        return new ConfusionMatrix(all, matrix);
    }
}
