package dev.mtl.cli;

import dev.mtl.train.TrainingRun;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C, and whatever else ends the process politely: once training has begun, the process stays
 * until the step is done and saved.
 */
final class Interrupt implements TrainingRun.Control, AutoCloseable {
    private final boolean resume;
    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook = new Thread(this::await, "mtl-interrupt");
    private volatile boolean armed;
    private volatile boolean requested;

    Interrupt(boolean resume) {
        this.resume = resume;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void await() {
        requested = true;
        if (armed) {
            try {
                saved.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** From now on there is something to save. */
    void arm() {
        armed = true;
    }

    @Override
    public boolean resume() {
        return resume;
    }

    @Override
    public boolean stopRequested() {
        return requested;
    }

    @Override
    public void close() {
        saved.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, which is what the hook was for.
        }
    }
}
