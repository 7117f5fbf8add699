package dev.mtl.torch.loading;

import org.jspecify.annotations.Nullable;

/**
 * Work that must not run out of stack, such as initializing classes: a class whose static
 * initializer ends in a {@link StackOverflowError} cannot be used again for the life of the JVM.
 * Starting the thread needs little stack, and can be tried again.
 */
public final class LargeStack implements Runnable {
    private static final long BYTES = 16L << 20;

    private final Runnable work;
    private @Nullable Throwable failure;

    private LargeStack(Runnable work) {
        this.work = work;
    }

    /**
     * Runs {@code work} on a new thread and waits for it, also if this thread is interrupted.
     *
     * @throws IllegalStateException with what {@code work} threw as its cause
     */
    public static void run(Runnable work) {
        var task = new LargeStack(work);
        var thread = new Thread(null, task, "mtl-start", BYTES);
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
        if (task.failure != null) {
            throw new IllegalStateException(
                    "MTL's native code could not be started: " + task.failure, task.failure);
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
