package dev.mtl.cli;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * Handles Ctrl-C and SIGTERM during training: the first signal lets the current step finish and a
 * checkpoint be written, a second one ends the process immediately.
 */
final class Interrupt implements AutoCloseable {
    private final Runnable stop;
    private final Consumer<String> say;
    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook = new Thread(this::await, "mtl-interrupt");
    private volatile boolean armed;

    /**
     * Installs a shutdown hook.
     *
     * @param stop ends the training after its step; called by the hook's thread
     * @param say prints a message; called by the hook's thread
     */
    Interrupt(Runnable stop, Consumer<String> say) {
        this.stop = stop;
        this.say = say;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void await() {
        stop.run();
        if (armed) {
            boolean again = restoreDefaultHandlers();
            say.accept(
                    "finishing the step, then saving a checkpoint"
                            + (again
                                    ? " (Ctrl-C again ends at once, without saving) ..."
                                    : " ..."));
            try {
                saved.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Restores the operating system's handlers, so that the next signal ends the process: a JVM
     * that is shutting down ignores signals. Uses reflection because javac's warning about {@code
     * sun.misc.Signal} cannot be suppressed, and a runtime may lack the class.
     *
     * @return whether that worked
     */
    private static boolean restoreDefaultHandlers() {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var byDefault = handler.getField("SIG_DFL").get(null);
            var handle = signal.getMethod("handle", signal, handler);
            for (var name : List.of("INT", "TERM")) {
                handle.invoke(
                        null, signal.getConstructor(String.class).newInstance(name), byDefault);
            }
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Training has begun: from now on a signal must wait for the checkpoint. */
    void arm() {
        armed = true;
    }

    @Override
    public void close() {
        saved.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is already shutting down, and the hook is running.
        }
    }
}
