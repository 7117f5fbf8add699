package dev.mtl.core.head;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeSet;

/** The labels of a task, in the order of their logits. */
public final class LabelIndex {
    private final String task;
    private final List<String> labels;
    private final Map<String, Integer> indices = new HashMap<>();

    /**
     * Indexes labels from 0.
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

    /** C, the number of labels. */
    public int size() {
        return labels.size();
    }

    /** The label of a logit. */
    public String label(int index) {
        return labels.get(index);
    }

    /** All labels, in the order of their logits. */
    public List<String> labels() {
        return labels;
    }

    /**
     * The index of a label's logit.
     *
     * @throws UnknownLabelsException if the label is not in the training data
     */
    public int indexOf(String label) {
        return indicesOf(List.of(label))[0];
    }

    /**
     * The indices of several labels, in their order.
     *
     * @throws UnknownLabelsException for those that are not in the training data
     */
    public int[] indicesOf(List<String> some) {
        var unknown = some.stream().filter(label -> !indices.containsKey(label)).distinct();
        var names = unknown.toList();
        if (!names.isEmpty()) {
            throw new UnknownLabelsException(names);
        }
        return some.stream()
                .mapToInt(label -> Objects.requireNonNull(indices.get(label)))
                .toArray();
    }

    /** The index of a label's logit; empty if the label is not in the training data. */
    public OptionalInt find(String label) {
        var index = indices.get(label);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /**
     * Checks the labels that a setting names.
     *
     * @throws IllegalArgumentException for labels that are not in the training data
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

    /**
     * The index of the largest of {@code count} values, counted from {@code start}; of equal ones
     * the first.
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
