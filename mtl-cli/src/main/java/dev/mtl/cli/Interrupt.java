package dev.mtl.cli;

import dev.mtl.train.TrainingRun;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * Ctrl-C, and whatever else ends the process politely: once training has begun, the process stays
 * until the step is done and saved, unless it is told a second time.
 */
final class Interrupt implements TrainingRun.Control, AutoCloseable {
    private final boolean resume;
    private final Consumer<String> say;
    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook = new Thread(this::await, "mtl-interrupt");
    private volatile boolean armed;
    private volatile boolean requested;

    /**
     * Waits for it.
     *
     * @param say prints a line; from any thread
     */
    Interrupt(boolean resume, Consumer<String> say) {
        this.resume = resume;
        this.say = say;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void await() {
        requested = true;
        if (armed) {
            boolean again = endAtOnceNextTime();
            say.accept(
                    "finishing the step, then saving"
                            + (again
                                    ? " (Ctrl-C again ends at once, and saves nothing) ..."
                                    : " ..."));
            try {
                saved.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Gives the signals back to the operating system: a JVM that is ending already pays no
     * attention to them. By reflection, since javac warns of this class in a way that nothing
     * suppresses; a runtime may come without it.
     */
    private static boolean endAtOnceNextTime() {
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

    /** From now on a step is going on, or there is something to save. */
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
