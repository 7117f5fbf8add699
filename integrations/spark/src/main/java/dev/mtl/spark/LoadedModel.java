package dev.mtl.spark;

import dev.mtl.spark.PredictionColumn.TaskKind;

import java.util.List;

/** A model in the memory of an executor. Thread-safe. */
interface LoadedModel extends AutoCloseable {
    /**
     * Computes the values of the added columns.
     *
     * @param examples texts, none of them null
     * @return for each example a value for each column
     */
    List<Object[]> compute(List<List<String>> examples);

    /** The tasks that predict, with the kinds of their predictions. */
    List<TaskKind> tasks();

    /** Whether each example has one embedding. */
    boolean hasEmbedding();

    @Override
    void close();
}
