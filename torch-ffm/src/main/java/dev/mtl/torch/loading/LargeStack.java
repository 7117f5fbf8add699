package dev.mtl.torch.loading;

import org.jspecify.annotations.Nullable;

/**
 * Work that is done once and must not run out of stack, such as initializing classes: a class whose
 * static initializer ends in a {@link StackOverflowError} cannot be used again for the life of the
 * JVM. Starting the thread needs little stack, and no class that is not loaded yet: it can be tried
 * again.
 */
public final class LargeStack implements Runnable {
    private static final long BYTES = 16L << 20;

    private final Runnable work;
    private volatile boolean done;
    private @Nullable Throwable failure;

    /**
     * Work to be done.
     *
     * @param work may be done twice, by two threads that come first at once
     */
    public LargeStack(Runnable work) {
        this.work = work;
    }

    /**
     * Does the work on a new thread and waits for it, also if this thread is interrupted, unless
     * that was done.
     *
     * @throws IllegalStateException with what the work threw as its cause; the next call tries
     *     again
     */
    public void runOnce() {
        if (!done) {
            new LargeStack(work).runAndWait();
            done = true;
        }
    }

    private void runAndWait() {
        var thread = new Thread(null, this, "mtl-start", BYTES);
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException(
                    "MTL's native code could not be started: " + failure, failure);
        }
    }

    @Override
    public void run() {
        try {
            work.run();
        } catch (Throwable e) {
            failure = e;
        }
    }
}
