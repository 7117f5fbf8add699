package dev.mtl.train.workers;

import dev.mtl.torch.runtime.Threads;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
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
                        count, task -> thread(name + "-" + number.incrementAndGet(), task));
    }

    private static Thread thread(String name, Runnable task) {
        var thread =
                new Thread(
                        () -> {
                            Threads.setForThisThread(1);
                            task.run();
                        },
                        name);
        thread.setDaemon(true);
        return thread;
    }

    /** How many tasks run at once. */
    public int count() {
        return count;
    }

    /**
     * Runs tasks and gives their results in order. The first failure ends the wait for all and is
     * thrown as it was, once none of these tasks is running any more: what they use may be freed
     * then.
     */
    public <T> List<T> all(List<? extends Callable<T>> tasks) {
        var running = new Running();
        var futures = new ArrayList<Future<T>>(tasks.size());
        var results = new ArrayList<T>(tasks.size());
        try {
            for (var task : tasks) {
                futures.add(threads.submit(running.counted(task)));
            }
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
            running.stop();
            futures.forEach(future -> future.cancel(false));
            running.await();
        }
    }

    /**
     * The tasks of one call that are running. A future does not tell: one that is cancelled counts
     * as done while its task goes on.
     */
    private static final class Running {
        private final Phaser phaser = new Phaser(1);
        private volatile boolean stopped;

        <T> Callable<T> counted(Callable<T> task) {
            return () -> {
                phaser.register();
                try {
                    if (stopped) { // asked after registering: await() has not missed it
                        throw new CancellationException();
                    }
                    return task.call();
                } finally {
                    phaser.arriveAndDeregister();
                }
            };
        }

        void stop() {
            stopped = true;
        }

        void await() {
            phaser.arriveAndAwaitAdvance();
        }
    }

    /**
     * What a task failed with, to be thrown as it was.
     *
     * @throws Error if that is what it is
     */
    public static RuntimeException cause(ExecutionException e) {
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
