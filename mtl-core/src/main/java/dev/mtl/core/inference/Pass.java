package dev.mtl.core.inference;

import java.util.List;

/** One pass of a model over a batch. Runs on a platform thread of its {@link BatchQueue}. */
@FunctionalInterface
public interface Pass<K, T> {
    /**
     * Computes a batch and leaves each row's result in the row's value.
     *
     * @param rows values of rows of one kind
     */
    void run(K kind, List<T> rows);
}
