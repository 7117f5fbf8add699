package dev.mtl.core.head;

import java.io.Serial;
import java.util.List;

/** A target has labels that are not in the training data, so no prediction can match them. */
public final class UnknownLabelsException extends IllegalArgumentException {
    @Serial private static final long serialVersionUID = 1;

    private final transient List<String> labels;

    /**
     * Creates the exception.
     *
     * @param labels at least one
     */
    public UnknownLabelsException(List<String> labels) {
        super("the training data does not have " + String.join(", ", labels));
        this.labels = List.copyOf(labels);
    }

    /** The unknown labels, each once. */
    public List<String> labels() {
        return labels;
    }
}
