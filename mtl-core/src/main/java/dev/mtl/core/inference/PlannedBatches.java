package dev.mtl.core.inference;

import java.util.ArrayList;
import java.util.List;

/** The batches of a call that has its {@link BatchQueue} for itself. */
public final class PlannedBatches {
    private PlannedBatches() {}

    /**
     * Divides the rows of a call as the queue does: they depend on the rows alone.
     *
     * @param batchTokens see {@link BatchQueue.Settings}
     * @param smallCallBatches see {@link BatchQueue.Settings}
     * @return the rows of each batch, in the order in which a queue begins them
     */
    public static <K, T> List<List<Row<K, T>>> of(
            List<Row<K, T>> rows, int batchTokens, int smallCallBatches) {
        var batches = new ArrayList<List<Row<K, T>>>();
        var queued = new QueuedRows<K, T>();
        if (!rows.isEmpty()) {
            queued.add(new Call<>(rows, 0, batchTokens, smallCallBatches));
        }
        while (!queued.isEmpty()) {
            batches.add(queued.take(batchTokens, 1, 1).stream().map(entry -> entry.row).toList());
        }
        return batches;
    }
}
