package dev.mtl.core.internal;

import dev.mtl.core.ConfigurationException;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Lets any number of threads use something that another thread may close: closing waits for those
 * that use it, and later uses are refused.
 */
public final class CloseGuard {
    private final String name;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private boolean closed;

    /**
     * @param name of what is guarded, for messages: {@code encoder}
     */
    public CloseGuard(String name) {
        this.name = name;
    }

    /**
     * Runs a use.
     *
     * @throws ConfigurationException if it is closed
     */
    public <T> T use(Supplier<T> use) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new ConfigurationException("this " + name + " is closed");
            }
            return use.get();
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Waits until nobody uses it, then closes it; later calls do nothing. */
    public void close(Runnable close) {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                close.run();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
