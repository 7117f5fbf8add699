package dev.mtl.core.nn;

import dev.mtl.torch.Threads;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Platform threads on which tensor code runs, each with one native thread of its own: on a CPU,
 * several batches at once are faster than several threads in one operator.
 */
public final class Workers implements AutoCloseable {
    private final ExecutorService threads;
    private final int count;

    public Workers(String name, int count) {
        this.count = count;
        var number = new AtomicInteger();
        threads =
                Executors.newFixedThreadPool(
                        count,
                        task -> {
                            var thread =
                                    new Thread(
                                            () -> {
                                                Threads.setForThisThread(1);
                                                task.run();
                                            },
                                            name + "-" + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
    }

    /** How many tasks run at once. */
    public int count() {
        return count;
    }

    /**
     * Runs tasks and gives their results in order. The first failure ends the wait for all and is
     * thrown as it was.
     */
    public <T> List<T> all(List<? extends Callable<T>> tasks) {
        var futures = tasks.stream().map(threads::submit).toList();
        var results = new ArrayList<T>(tasks.size());
        try {
            for (var future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw cause(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while tensor work was running", e);
        } finally {
            awaitRunning(futures);
        }
    }

    /** What a failed call leaves behind must not still be running when its tensors are freed. */
    private static void awaitRunning(List<? extends Future<?>> futures) {
        for (var future : futures) {
            future.cancel(false);
        }
        for (var future : futures) {
            while (future.state() == Future.State.RUNNING) {
                Thread.onSpinWait();
            }
        }
    }

    private static RuntimeException cause(ExecutionException e) {
        var cause = e.getCause();
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }

    /** Ends the threads when what they are running is done. */
    @Override
    public void close() {
        threads.close();
    }
}
