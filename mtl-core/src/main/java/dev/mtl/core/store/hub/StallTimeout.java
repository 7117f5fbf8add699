package dev.mtl.core.store.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Adds a read timeout to a response body: Java's HTTP client only limits the time until the headers
 * arrive.
 */
final class StallTimeout implements AutoCloseable {
    private final InputStream body;
    private final Duration limit;
    private final Thread watch;
    private volatile long last = System.nanoTime();
    private volatile boolean stalled;
    private volatile boolean closed;

    StallTimeout(InputStream body, Duration limit) {
        this.body = body;
        this.limit = limit;
        watch = Thread.ofVirtual().name("mtl-stall-guard").start(this::watch);
    }

    private void watch() {
        while (!closed) {
            long left = limit.toNanos() - (System.nanoTime() - last);
            if (left <= 0) {
                stalled = true;
                closeBody();
                return;
            }
            LockSupport.parkNanos(this, left);
        }
    }

    /**
     * Reads as {@link InputStream#read(byte[])} does.
     *
     * @throws IOException if the connection breaks, or no byte arrives within the limit
     */
    int read(byte[] buffer) throws IOException {
        try {
            int count = body.read(buffer);
            last = System.nanoTime();
            if (count < 0 && stalled) {
                throw new IOException("closed");
            }
            return count;
        } catch (IOException e) {
            throw stalled ? new IOException("no data for %d s".formatted(limit.toSeconds()), e) : e;
        }
    }

    private void closeBody() {
        try {
            body.close();
        } catch (IOException e) {
            // Nothing more is read from the body.
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(watch);
        closeBody();
    }
}
