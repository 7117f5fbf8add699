package dev.mtl.spark;

import dev.mtl.core.MtlException;

import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * The rows of a partition with the added columns, in their order. While the texts of some rows are
 * computed, the next ones are read; of a partition no more than three such groups are in memory.
 * The model makes batches of a group's texts by their lengths.
 */
final class PartitionRows implements Iterator<Row>, AutoCloseable {
    /** The first group is small, for those who only look at a few rows; each next one is larger. */
    private static final int FIRST_ROWS = 64;

    private static final int MOST_ROWS = 1024;

    /** Characters of a group's texts, some 60,000 tokens: one text more may be in it. */
    private static final int MOST_CHARACTERS = 1 << 18;

    private final Iterator<Row> rows;
    private final int[] textColumns;
    private final int width;
    private final Function<List<List<String>>, List<Object[]>> model;

    /** Tokenizes on as many threads as a task has, and waits for the model. */
    private final ForkJoinPool threads;

    private int groupRows = FIRST_ROWS;
    private @Nullable Future<List<Row>> computing;
    private final ArrayDeque<Row> ready = new ArrayDeque<>();

    /**
     * @param textColumns their indexes
     * @param width of the rows with the added columns
     * @param model gives the values of added columns
     * @param cpus of the task
     */
    PartitionRows(
            Iterator<Row> rows,
            int[] textColumns,
            int width,
            Function<List<List<String>>, List<Object[]>> model,
            int cpus) {
        this.rows = rows;
        this.textColumns = textColumns;
        this.width = width;
        this.model = model;
        this.threads = new ForkJoinPool(cpus);
    }

    /** The rows of the running task's partition; all is freed when the task ends. */
    static Iterator<Row> open(Iterator<Row> rows, int[] textColumns, int width, ModelUse use) {
        if (!rows.hasNext()) {
            return Collections.emptyIterator();
        }
        var context = TaskContext.get();
        var lease = lease(use);
        var added =
                new PartitionRows(rows, textColumns, width, lease.model()::compute, context.cpus());
        context.addTaskCompletionListener(
                _ -> {
                    added.close();
                    lease.close();
                });
        return added;
    }

    /** The model for the running task. */
    static ExecutorModels.Lease lease(ModelUse use) {
        ExecutorAnswer.requireNativeAccess();
        int workers =
                ExecutorCores.workers(
                        SparkEnv.get().conf(),
                        TaskContext.get().cpus(),
                        Runtime.getRuntime().availableProcessors());
        return ExecutorModels.ofThisJvm().lease(use, workers);
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && (computing != null || rows.hasNext())) {
            advance();
        }
        return !ready.isEmpty();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.removeFirst();
    }

    private void advance() {
        var current = computing == null ? submit(read()) : computing;
        var following = rows.hasNext() ? read() : null;
        ready.addAll(await(current));
        computing = following == null ? null : submit(following);
    }

    /** The next rows, at least one. */
    private List<Row> read() {
        var group = new ArrayList<Row>();
        int characters = 0;
        while (group.size() < groupRows && characters < MOST_CHARACTERS && rows.hasNext()) {
            var row = rows.next();
            group.add(row);
            for (int column : textColumns) {
                characters += row.isNullAt(column) ? 0 : row.getString(column).length();
            }
        }
        groupRows = Math.min(MOST_ROWS, 2 * groupRows);
        return group;
    }

    private Future<List<Row>> submit(List<Row> group) {
        return threads.submit(() -> compute(group));
    }

    private List<Row> compute(List<Row> group) {
        var examples = group.stream().map(this::texts).toList();
        var answers =
                model.apply(examples.stream().filter(texts -> !texts.isEmpty()).toList())
                        .iterator();
        var whole = new ArrayList<Row>(group.size());
        for (int i = 0; i < group.size(); i++) {
            whole.add(
                    examples.get(i).isEmpty()
                            ? with(group.get(i), new Object[0])
                            : with(group.get(i), answers.next()));
        }
        return whole;
    }

    /** The texts of a row; none if one of them is null. */
    private List<String> texts(Row row) {
        return Arrays.stream(textColumns).anyMatch(row::isNullAt)
                ? List.of()
                : Arrays.stream(textColumns).mapToObj(row::getString).toList();
    }

    private Row with(Row row, Object[] added) {
        var values = new Object[width];
        for (int i = 0; i < row.size(); i++) {
            values[i] = row.get(i);
        }
        System.arraycopy(added, 0, values, row.size(), added.length);
        return RowFactory.create(values);
    }

    private static List<Row> await(Future<List<Row>> group) {
        try {
            return group.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MtlException("the task was interrupted while it waited for the model", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new MtlException("the model failed: " + e, e);
            }
        }
    }

    /** Ends the computation that nobody waits for. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
