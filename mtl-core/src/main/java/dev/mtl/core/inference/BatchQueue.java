package dev.mtl.core.inference;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.InferenceListener;
import dev.mtl.core.InferenceTimeoutException;
import dev.mtl.core.MtlException;
import dev.mtl.core.inference.Call.Entry;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Computes the rows of all callers on shared threads. A thread that is free takes the oldest row,
 * and of the others those nearest to it in length, until the batch has its tokens; it never waits
 * for a batch to fill. A single row on an idle queue runs on all cores, where that is faster.
 *
 * <p>The batches of a call that has the queue for itself depend on its rows alone, and so do the
 * last bits of its results, which depend on the padding.
 *
 * <p>Thread-safe, from virtual threads too.
 */
public final class BatchQueue<K, T> implements AutoCloseable {
    private final Settings settings;
    private final Pass<K, T> pass;
    private final InferenceListener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition space = lock.newCondition();

    /** Everything below is guarded by the lock. */
    private final QueuedRows<K, T> queued = new QueuedRows<>();

    private long sequence;
    private int idleThreads;
    private int busyThreads;
    private boolean closed;

    private final ExecutorService threads;
    private final @Nullable SingleRowThread single;

    /**
     * How a queue works.
     *
     * @param name of its owner, for messages and threads: {@code pipeline}
     * @param threads batches that run at once
     * @param batchTokens of a batch at most; a longer row is alone
     * @param padding how many times as many tokens a batch of several calls may have with its
     *     padding
     * @param smallCallBatches into how many batches a call with few tokens is split
     * @param maxQueuedTokens a call waits until no more than these are queued, its own included; a
     *     larger call waits until the queue is empty
     * @param timeout of a call, waiting for its turn included; null for none
     */
    public record Settings(
            String name,
            int threads,
            int batchTokens,
            int padding,
            int smallCallBatches,
            long maxQueuedTokens,
            @Nullable Duration timeout) {}

    /**
     * How long a call took.
     *
     * @param queueNanos until the first of its rows was begun
     * @param inferenceNanos from then on
     */
    public record Times(long queueNanos, long inferenceNanos) {
        static final Times NONE = new Times(0, 0);
    }

    public BatchQueue(Settings settings, Pass<K, T> pass) {
        this(settings, pass, new InferenceListener() {});
    }

    /**
     * @param listener hears of batches
     */
    public BatchQueue(Settings settings, Pass<K, T> pass, InferenceListener listener) {
        this.settings = settings;
        this.pass = pass;
        this.listener = listener;
        this.single =
                settings.threads() > 1
                        ? new SingleRowThread(settings.name(), settings.threads())
                        : null;
        threads =
                Executors.newFixedThreadPool(
                        settings.threads(), InferenceThreads.factory(settings.name(), 1));
        for (int i = 0; i < settings.threads(); i++) {
            threads.execute(this::computeUntilClosed);
        }
    }

    /**
     * Computes rows and waits for them.
     *
     * @throws ConfigurationException if the queue is closed
     * @throws InferenceTimeoutException if the time is up; no row is left in the queue
     * @throws MtlException if the thread is interrupted, which stays set; no row is left in the
     *     queue
     */
    public Times process(List<Row<K, T>> rows) {
        if (rows.isEmpty()) {
            requireOpen();
            return Times.NONE;
        }
        var deadline = Deadline.after(settings.timeout());
        if (rows.size() == 1 && single != null && isIdle()) {
            return processSingle(single, rows.getFirst(), deadline);
        }
        return await(enqueue(rows, deadline), deadline);
    }

    private boolean isIdle() {
        lock.lock();
        try {
            requireOpen();
            return busyThreads == 0 && queued.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private Times processSingle(SingleRowThread thread, Row<K, T> row, Deadline deadline) {
        if (!thread.isFaster()) {
            long start = System.nanoTime();
            var times =
                    SingleRowThread.mayRunInCaller(deadline) && enterAlone()
                            ? processHere(row)
                            : await(enqueue(List.of(row), deadline), deadline);
            thread.ranOnOneCore(row.tokens(), System.nanoTime() - start);
            return times;
        }
        return enterAlone()
                ? processAlone(thread, row, deadline)
                : await(enqueue(List.of(row), deadline), deadline);
    }

    private Times processHere(Row<K, T> row) {
        var call = new Call<>(List.of(row), 0, settings.batchTokens(), 1);
        SingleRowThread.runInCaller(() -> compute(call, row));
        call.rethrow();
        return call.times();
    }

    private void requireOpen() {
        if (closed) {
            throw new ConfigurationException("this " + settings.name() + " is closed");
        }
    }

    /** Makes the queue busy for a row on all cores; false if it is busy already. */
    private boolean enterAlone() {
        lock.lock();
        try {
            requireOpen();
            if (busyThreads > 0 || !queued.isEmpty()) {
                return false;
            }
            busyThreads++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private Times processAlone(SingleRowThread thread, Row<K, T> row, Deadline deadline) {
        var call = new Call<>(List.of(row), 0, settings.batchTokens(), 1);
        thread.run(row.tokens(), () -> compute(call, row));
        return await(call, deadline);
    }

    private void compute(Call<K, T> call, Row<K, T> row) {
        call.started();
        Throwable failure = null;
        try {
            pass.run(row.kind(), List.of(row.value()));
            listener.onBatch(1, row.tokens());
        } catch (Throwable e) {
            failure = e;
        }
        leave(call, failure);
    }

    private void leave(Call<K, T> call, @Nullable Throwable failure) {
        lock.lock();
        try {
            busyThreads--;
            space.signalAll();
            if (failure == null) {
                call.completed(1);
            } else {
                call.failed(failure);
            }
        } finally {
            lock.unlock();
        }
    }

    private Call<K, T> enqueue(List<Row<K, T>> rows, Deadline deadline) {
        lock.lock();
        try {
            requireOpen();
            var call =
                    new Call<>(rows, sequence, settings.batchTokens(), settings.smallCallBatches());
            sequence += rows.size();
            awaitSpace(call, deadline);
            queued.add(call);
            for (int i = Math.min(rows.size(), idleThreads); i > 0; i--) {
                work.signal();
            }
            return call;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    private void awaitSpace(Call<K, T> call, Deadline deadline) throws InterruptedException {
        while (!queued.isEmpty() && queued.tokens() + call.tokens() > settings.maxQueuedTokens()) {
            if (deadline.isNever()) {
                space.await();
            } else if (space.awaitNanos(deadline.remaining()) <= 0) {
                throw tooLate();
            }
            requireOpen();
        }
    }

    private Times await(Call<K, T> call, Deadline deadline) {
        try {
            if (!call.await(deadline)) {
                withdraw(call);
                throw tooLate();
            }
        } catch (InterruptedException e) {
            withdraw(call);
            throw interrupted(e);
        }
        call.rethrow();
        return call.times();
    }

    /** Takes what is left of a call out of the queue; batches that are running go on. */
    private void withdraw(Call<K, T> call) {
        lock.lock();
        try {
            queued.remove(call);
            space.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private InferenceTimeoutException tooLate() {
        return new InferenceTimeoutException(
                ("the %s did not answer within %d ms, %d tokens are queued: allow more time, or"
                                + " make fewer calls at once")
                        .formatted(
                                settings.name(),
                                settings.timeout() == null ? 0 : settings.timeout().toMillis(),
                                queuedTokens()));
    }

    private MtlException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new MtlException(
                "the thread was interrupted while it waited for the " + settings.name(), e);
    }

    /** Tokens that wait for a thread. */
    public long queuedTokens() {
        lock.lock();
        try {
            return queued.tokens();
        } finally {
            lock.unlock();
        }
    }

    private void computeUntilClosed() {
        for (var batch = take(); batch != null; batch = take()) {
            compute(batch);
        }
    }

    /** Waits for rows; null once the queue is closed and empty. */
    private @Nullable List<Entry<K, T>> take() {
        lock.lock();
        try {
            while (queued.isEmpty()) {
                if (closed) {
                    return null;
                }
                idleThreads++;
                try {
                    work.awaitUninterruptibly();
                } finally {
                    idleThreads--;
                }
            }
            var batch = queued.take(settings.batchTokens(), settings.padding(), idleThreads + 1);
            batch.forEach(entry -> entry.call.started());
            busyThreads++;
            space.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void compute(List<Entry<K, T>> batch) {
        var failure = tryCompute(batch);
        var failures = failure == null ? Map.<Call<K, T>, Throwable>of() : failures(batch, failure);
        lock.lock();
        try {
            busyThreads--;
            failures.forEach(
                    (call, cause) -> {
                        withdraw(call);
                        call.failed(cause);
                    });
            batch.forEach(entry -> entry.call.completed(1));
        } finally {
            lock.unlock();
        }
    }

    /** Computes the rows of each call by themselves: one call's row does not fail another's. */
    private Map<Call<K, T>, Throwable> failures(List<Entry<K, T>> batch, Throwable failure) {
        var calls = new LinkedHashMap<Call<K, T>, List<Entry<K, T>>>();
        for (var entry : batch) {
            calls.computeIfAbsent(entry.call, _ -> new ArrayList<>()).add(entry);
        }
        var failures = new LinkedHashMap<Call<K, T>, Throwable>();
        calls.forEach(
                (call, rows) -> {
                    var alone = calls.size() == 1 ? failure : tryCompute(rows);
                    if (alone != null) {
                        failures.put(call, alone);
                    }
                });
        return failures;
    }

    private @Nullable Throwable tryCompute(List<Entry<K, T>> batch) {
        try {
            pass.run(
                    batch.getFirst().row.kind(),
                    batch.stream().map(entry -> entry.row.value()).toList());
            listener.onBatch(batch.size(), batch.stream().mapToInt(Entry::tokens).sum());
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    /** Refuses new calls, computes what is queued, and ends the threads. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            space.signalAll();
        } finally {
            lock.unlock();
        }
        threads.close();
        if (single != null) {
            awaitIdle();
            single.close();
        }
    }

    /** Waits for a row on all cores. */
    private void awaitIdle() {
        lock.lock();
        try {
            while (busyThreads > 0) {
                space.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
