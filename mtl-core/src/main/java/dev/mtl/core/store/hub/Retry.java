package dev.mtl.core.store.hub;

import dev.mtl.core.MtlException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;

/** Tries again what a busy server or a broken connection made fail. */
final class Retry {
    private static final Logger LOG = LoggerFactory.getLogger(Retry.class);

    private final RetryPolicy timing;

    Retry(RetryPolicy timing) {
        this.timing = timing;
    }

    /** Something that may fail for a while. */
    interface Attempt<T> {
        /**
         * Tries.
         *
         * @throws IOException if it is worth another attempt
         * @throws MtlException if it is not
         */
        T run() throws IOException;
    }

    /**
     * Runs an attempt until it succeeds.
     *
     * @param done how much is there already: failures count only while it does not grow
     * @throws MtlException if it failed too often, or the server asks to wait too long
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
                    "%s and asks to wait %d s: try again then"
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
