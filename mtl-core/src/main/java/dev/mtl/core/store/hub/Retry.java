package dev.mtl.core.store.hub;

import dev.mtl.core.MtlException;
import dev.mtl.torch.logging.Loggers;

import org.slf4j.Logger;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;

/** Retries requests that failed because of a busy server or a broken connection. */
final class Retry {
    private static final Logger LOG = Loggers.of(Retry.class);

    private final RetryPolicy timing;

    Retry(RetryPolicy timing) {
        this.timing = timing;
    }

    /** A request that may fail temporarily. */
    interface Attempt<T> {
        /**
         * Sends the request.
         *
         * @throws IOException if it may succeed later
         * @throws MtlException if a retry is useless
         */
        T run() throws IOException;
    }

    /**
     * Runs an attempt until it succeeds.
     *
     * @param done progress so far, such as bytes: an attempt that advances it resets the count of
     *     failures
     * @throws MtlException if it failed too often, or the server asks for too long a pause
     */
    <T> T run(Attempt<T> attempt, LongSupplier done) {
        int failures = 0;
        var wait = timing.firstWait();
        while (true) {
            long before = done.getAsLong();
            try {
                return attempt.run();
            } catch (IOException e) {
                if (done.getAsLong() > before) {
                    failures = 0;
                    wait = timing.firstWait();
                }
                var message = Objects.requireNonNullElse(e.getMessage(), e.toString());
                if (++failures >= timing.attempts()) {
                    throw new MtlException(
                            "%s; gave up after %d attempts".formatted(message, failures), e);
                }
                var pause = e instanceof ServerBusyException busy ? asked(busy, wait) : wait;
                LOG.warn("{}; trying again in {} s", message, pause.toMillis() / 1000.0);
                sleep(pause);
                wait = wait.multipliedBy(2);
            }
        }
    }

    private Duration asked(ServerBusyException busy, Duration otherwise) {
        var wait = busy.retryAfter().orElse(otherwise);
        if (wait.compareTo(timing.longestWait()) > 0) {
            throw new MtlException(
                    "%s and asks to wait %d s: try again after that"
                            .formatted(busy.getMessage(), wait.toSeconds()),
                    busy);
        }
        return wait;
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MtlException("interrupted while waiting for the hub", e);
        }
    }
}
