package dev.mtl.server.http;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** How many requests are computed at once. */
final class Permits {
    private final int most;
    private final Semaphore free;

    Permits(int most) {
        this.most = most;
        free = new Semaphore(most);
    }

    /**
     * Runs a computation.
     *
     * @throws ApiException if too many are running
     */
    <T> T use(Supplier<T> computation) {
        if (!free.tryAcquire()) {
            throw new ApiException(ErrorType.OVERLOADED, "Model is overloaded");
        }
        try {
            return computation.get();
        } finally {
            free.release();
        }
    }

    int used() {
        return most - free.availablePermits();
    }
}
