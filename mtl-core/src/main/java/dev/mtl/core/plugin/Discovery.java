package dev.mtl.core.plugin;

import dev.mtl.core.MtlException;

import org.jspecify.annotations.Nullable;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Calls a plugin's code while its heads are looked for. The code has a thread of its own and a
 * limit of time, and it must not end the process: nothing can keep it from calling {@code
 * System.exit}, but the process then says which plugin did, and ends with code 1.
 */
final class Discovery {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Duration limit;

    Discovery() {
        this(LIMIT);
    }

    Discovery(Duration limit) {
        this.limit = limit;
    }

    /**
     * Calls code.
     *
     * @param who plugin and class, for messages
     * @throws MtlException if it does not return in time
     * @throws Throwable what the code throws
     */
    <T> @Nullable T call(String who, Supplier<? extends @Nullable T> code) throws Throwable {
        var result = new AtomicReference<@Nullable T>();
        var failure = new AtomicReference<@Nullable Throwable>();
        var done = new CountDownLatch(1);
        var thread =
                Thread.ofPlatform()
                        .name("mtl-plugin")
                        .daemon()
                        .unstarted(
                                () -> {
                                    try {
                                        result.set(code.get());
                                    } catch (Throwable e) {
                                        failure.set(e);
                                    } finally {
                                        done.countDown();
                                    }
                                });
        var hook = Thread.ofPlatform().name("mtl-plugin-exit").unstarted(() -> report(who, thread));
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            thread.start();
            if (!done.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new MtlException(
                        "%s has not returned after %d s while its heads were looked for; it is at %s"
                                .formatted(who, limit.toSeconds(), at(thread)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MtlException("interrupted while loading " + who, e);
        } finally {
            remove(hook);
        }
        var thrown = failure.get();
        if (thrown != null) {
            throw thrown;
        }
        return result.get();
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, for another reason.
        }
    }

    /** Runs while the process ends: the plugin's thread waits for that if it is what ended it. */
    private static void report(String who, Thread thread) {
        for (var frame : thread.getStackTrace()) {
            if (frame.getClassName().equals("java.lang.Runtime")
                    && frame.getMethodName().equals("exit")) {
                // Not System.err, which the plugin may have replaced or closed.
                try (var err =
                        new PrintStream(
                                new FileOutputStream(FileDescriptor.err),
                                true,
                                StandardCharsets.UTF_8)) {
                    err.println(
                            "mtl: " + who + ": calls System.exit while its heads are looked for");
                }
                Runtime.getRuntime().halt(1);
            }
        }
    }

    private static String at(Thread thread) {
        var frames = thread.getStackTrace();
        return frames.length == 0 ? "its end" : frames[0].toString();
    }
}
