package dev.mtl.core.inference;

import dev.mtl.torch.runtime.Threads;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A thread whose operators run on all cores, for a single row while nothing else is running. It is
 * kept for that: the native threads that helped it spin for a while afterwards, and would compete
 * with another one's.
 */
final class SingleRowThread implements AutoCloseable {
    private final ParallelChoice choice = new ParallelChoice(CompilerLoad.ofThisProcess());
    private final ExecutorService thread;

    SingleRowThread(String name, int nativeThreads) {
        thread =
                Executors.newSingleThreadExecutor(
                        InferenceThreads.factory(name + "-single", nativeThreads));
    }

    /** Whether the next single row is expected to be faster on all cores than on one. */
    boolean isFaster() {
        return choice.next();
    }

    /**
     * Runs a task.
     *
     * @param tokens of its row
     */
    void run(int tokens, Runnable task) {
        long start = System.nanoTime();
        thread.execute(
                () -> {
                    task.run();
                    choice.ranOnAllCores(tokens, System.nanoTime() - start);
                });
    }

    /** A single row was computed on one core in this time. */
    void ranOnOneCore(int tokens, long nanos) {
        choice.ranOnOneCore(tokens, nanos);
    }

    /**
     * Whether a row may be computed by the caller's thread, which then is not woken by another: on
     * a busy machine that takes longer than the row.
     */
    static boolean mayRunInCaller(Deadline deadline) {
        var caller = Thread.currentThread();
        return !caller.isVirtual() && !caller.isInterrupted() && deadline.isNever();
    }

    /** Runs a task on one core, in this thread. */
    static void runInCaller(Runnable task) {
        Threads.withThreads(
                1,
                () -> {
                    task.run();
                    return true;
                });
    }

    /** Waits for the task that is running. */
    @Override
    public void close() {
        thread.close();
    }
}
