package dev.mtl.cli;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * Handles signals during training. The first Ctrl-C or SIGTERM lets the current step finish and a
 * checkpoint be written, a second one ends the process immediately. SIGUSR1, which launchers of
 * several processes pass on and schedulers send before they end a job, does the same in any number.
 *
 * <p>A process that shuts down ends when its hooks return, so this object is closed last: after
 * other processes have been parted from.
 */
final class Interrupt implements AutoCloseable {
    /** By convention the exit code of a process that SIGUSR1 has ended: 128 and its number. */
    static final int USR1_CODE = 138;

    private final CountDownLatch saved = new CountDownLatch(1);
    private final Thread hook = new Thread(this::await, "mtl-interrupt");
    private final String launcher;
    private Runnable stop = () -> {};
    private Consumer<String> say = message -> {};
    private boolean stopped;
    private volatile boolean armed;
    private volatile boolean asked;
    private @Nullable Object handlerBefore;

    /** Installs a shutdown hook. */
    Interrupt() {
        this(false);
    }

    /**
     * Installs a shutdown hook.
     *
     * @param ofSeveral whether this is one of several processes, which their launcher may end
     */
    Interrupt(boolean ofSeveral) {
        launcher = ofSeveral ? ", if the launcher waits for it (docs/scale.md)" : "";
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Says what signals end from now on: at once until {@link #arm}, then after its step.
     *
     * @param work ends the training after its step; called by any thread
     * @param message prints a message; called by any thread
     */
    synchronized void during(Runnable work, Consumer<String> message) {
        armed = false;
        stop = work;
        say = message;
        if (stopped) {
            work.run();
        }
    }

    private synchronized Consumer<String> stop() {
        stopped = true;
        stop.run();
        return say;
    }

    private void await() {
        var message = stop();
        if (armed) {
            boolean again = restoreDefaultHandlers();
            message.accept(
                    "finishing the step, then saving a checkpoint"
                            + launcher
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
     * that is shutting down ignores signals.
     *
     * @return whether that worked
     */
    private static boolean restoreDefaultHandlers() {
        try {
            var byDefault = Class.forName("sun.misc.SignalHandler").getField("SIG_DFL").get(null);
            for (var name : List.of("INT", "TERM")) {
                handle(name, byDefault);
            }
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /**
     * Handles a signal. Uses reflection because javac's warning about {@code sun.misc.Signal}
     * cannot be suppressed, and a runtime may lack the class.
     *
     * @return the handler before
     */
    private static Object handle(String name, Object handler) throws ReflectiveOperationException {
        var signal = Class.forName("sun.misc.Signal");
        return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
    }

    /** Training has begun: from now on a signal must wait for the checkpoint. */
    void arm() {
        armed = true;
        try {
            var type = Class.forName("sun.misc.SignalHandler");
            var own =
                    Proxy.newProxyInstance(
                            type.getClassLoader(),
                            new Class<?>[] {type},
                            (proxy, method, arguments) -> {
                                asked = true;
                                stop().accept("finishing the step, then saving a checkpoint ...");
                                return null;
                            });
            var before = handle("USR1", own);
            if (handlerBefore == null) {
                handlerBefore = before;
            }
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // The runtime has no signals, or the system has no SIGUSR1.
        }
    }

    /** Whether SIGUSR1 has asked training to stop. */
    boolean asked() {
        return asked;
    }

    @Override
    public void close() {
        saved.countDown();
        try {
            if (handlerBefore != null) {
                handle("USR1", handlerBefore);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e); // it worked before
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is already shutting down, and the hook is running.
        }
    }
}
