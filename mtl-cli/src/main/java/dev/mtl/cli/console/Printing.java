package dev.mtl.cli.console;

import dev.mtl.core.MtlException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Prints results in their order on another thread, while the next ones are computed. */
public final class Printing implements AutoCloseable {
    private static final Future<?> NOTHING = CompletableFuture.completedFuture(null);

    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("mtl-printing").factory());
    private Future<?> last = NOTHING;

    /**
     * Starts to print as soon as what was started before is printed, for which it waits: at most
     * one chunk of results is kept.
     *
     * @throws RuntimeException which the printing before has thrown
     */
    public void start(Runnable print) {
        await();
        last = thread.submit(print);
    }

    private void await() {
        var printing = last;
        last = NOTHING; // what it threw is thrown once
        try {
            printing.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MtlException("interrupted while results were printed", e);
        }
    }

    /** Waits until all is printed. */
    @Override
    public void close() {
        try {
            await();
        } finally {
            thread.shutdownNow();
        }
    }
}
