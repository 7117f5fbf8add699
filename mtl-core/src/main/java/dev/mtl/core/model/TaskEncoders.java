package dev.mtl.core.model;

import dev.mtl.core.transformer.TransformerEncoder;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The backbone as the tasks read it.
 *
 * @param shared by all tasks; without an adapter if the tasks have some of their own
 * @param ofTasks with the adapter of a task each, on the same weights; empty if all share one
 *     encoder
 */
public record TaskEncoders(TransformerEncoder shared, Map<String, TransformerEncoder> ofTasks) {
    public TaskEncoders {
        ofTasks = Map.copyOf(ofTasks);
    }

    /** The tasks by the passes of the backbone that they need: all together, or one by one. */
    public List<List<String>> passes(Collection<String> tasks) {
        return ofTasks.isEmpty()
                ? List.of(List.copyOf(tasks))
                : tasks.stream().map(List::of).toList();
    }

    /**
     * The encoder of a pass.
     *
     * @param pass one of {@link #passes}
     */
    public TransformerEncoder of(List<String> pass) {
        return pass.size() == 1 ? ofTasks.getOrDefault(pass.getFirst(), shared) : shared;
    }
}
