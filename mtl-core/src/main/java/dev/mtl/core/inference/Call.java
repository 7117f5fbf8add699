package dev.mtl.core.inference;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The rows that one caller waits for. All but {@link #await} is guarded by the queue's lock. */
final class Call<K, T> {
    /** A row in the queue, or one that has left it. */
    static final class Entry<K, T> {
        final Call<K, T> call;
        final Row<K, T> row;

        /** The order of arrival. */
        final long sequence;

        boolean queued = true;

        Entry(Call<K, T> call, Row<K, T> row, long sequence) {
            this.call = call;
            this.row = row;
            this.sequence = sequence;
        }

        int tokens() {
            return row.tokens();
        }
    }

    private final CountDownLatch done = new CountDownLatch(1);

    /** The longest first. */
    private final ArrayDeque<Entry<K, T>> entries = new ArrayDeque<>();

    /** Tokens of a batch of this call's rows alone. */
    private final long batchTokens;

    private final long tokens;
    private final long enqueued = System.nanoTime();
    private long started;
    private long finished;
    private int remaining;
    private @Nullable Throwable failure;

    /**
     * @param firstSequence of the first row; the others follow
     * @param batchTokens of a batch, at most
     * @param batches into how many batches a small call is split
     */
    Call(List<Row<K, T>> rows, long firstSequence, int batchTokens, int batches) {
        long next = firstSequence;
        long sum = 0;
        // Stable: rows of equal lengths stay in the caller's order.
        for (var row : rows.stream().sorted(Comparator.comparingInt(r -> -r.tokens())).toList()) {
            entries.add(new Entry<>(this, row, next++));
            sum += row.tokens();
        }
        tokens = sum;
        remaining = rows.size();
        this.batchTokens = Math.min(batchTokens, Math.max(1, Math.ceilDiv(sum, batches)));
    }

    Iterable<Entry<K, T>> entries() {
        return entries;
    }

    /** The longest row that is still queued; null if none is. */
    @Nullable Entry<K, T> head() {
        while (!entries.isEmpty() && !entries.getFirst().queued) {
            entries.removeFirst();
        }
        return entries.peekFirst();
    }

    long tokens() {
        return tokens;
    }

    long batchTokens() {
        return batchTokens;
    }

    /** The first of its rows is being computed. */
    void started() {
        if (started == 0) {
            started = System.nanoTime();
        }
    }

    /** Some rows are computed. */
    void completed(int rows) {
        remaining -= rows;
        if (remaining == 0) {
            finished = System.nanoTime();
            done.countDown();
        }
    }

    /** Of a call whose rows are all computed. */
    BatchQueue.Times times() {
        return new BatchQueue.Times(started - enqueued, finished - started);
    }

    /** The call ends with this failure, unless it has one. */
    void failed(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        done.countDown();
    }

    /**
     * Waits until all rows are computed or one has failed.
     *
     * @return false if the time is up
     */
    boolean await(Deadline deadline) throws InterruptedException {
        if (deadline.isNever()) {
            done.await();
            return true;
        }
        return done.await(deadline.remaining(), TimeUnit.NANOSECONDS);
    }

    /** Throws the failure as it was, if there is one. */
    void rethrow() {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure != null) {
            throw new IllegalStateException(failure); // a checked one, from another language
        }
    }
}
