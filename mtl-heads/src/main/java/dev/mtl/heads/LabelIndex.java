package dev.mtl.heads;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Labels and the numbers of their logits. */
public final class LabelIndex {
    private final String task;
    private final List<String> labels;
    private final Map<String, Integer> indices = new HashMap<>();

    /**
     * Numbers labels from 0.
     *
     * @param task for messages
     */
    public LabelIndex(String task, List<String> labels) {
        this.task = task;
        this.labels = List.copyOf(labels);
        for (int i = 0; i < labels.size(); i++) {
            if (indices.put(labels.get(i), i) != null) {
                throw new IllegalArgumentException(
                        "task '" + task + "' has the label '" + labels.get(i) + "' twice");
            }
        }
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("task '" + task + "' has no labels");
        }
    }

    public int size() {
        return labels.size();
    }

    public String label(int index) {
        return labels.get(index);
    }

    /**
     * The number of a label.
     *
     * @throws IllegalArgumentException if training has not seen it
     */
    public int of(String label) {
        var index = indices.get(label);
        if (index == null) {
            throw new IllegalArgumentException(
                    "task '"
                            + task
                            + "': the label '"
                            + label
                            + "' is not in the training data; its "
                            + labels.size()
                            + " labels are "
                            + labels);
        }
        return index;
    }

    /**
     * Checks the labels that a setting names.
     *
     * @throws IllegalArgumentException for those that there are not
     */
    public void requireKnown(String setting, Collection<String> named) {
        var unknown = new TreeSet<>(named);
        unknown.removeAll(labels);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "task '"
                            + task
                            + "': "
                            + setting
                            + " names "
                            + unknown
                            + ", which the training data does not have");
        }
    }

    /** Those that training has not seen, each once. */
    public List<String> unknown(List<String> some) {
        return some.stream().filter(label -> !indices.containsKey(label)).distinct().toList();
    }

    /**
     * The position, from {@code start}, of the largest of {@code count} values; the first of
     * equals.
     */
    public static int argmax(float[] values, int start, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (values[start + i] > values[start + best]) {
                best = i;
            }
        }
        return best;
    }
}
