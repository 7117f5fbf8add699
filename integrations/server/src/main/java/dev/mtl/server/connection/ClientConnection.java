package dev.mtl.server.connection;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A client's connection. Its requests run one after the other on the connection's thread; another
 * thread looks at it from time to time.
 */
public final class ClientConnection implements ServerConnection {
    private static final ScopedValue<ClientConnection> CURRENT = ScopedValue.newInstance();

    /** A request is watched for a client that leaves only if it takes longer than this. */
    private static final long WATCHED_AFTER_NANOS = 50_000_000;

    private enum State {
        IDLE,
        READING,
        COMPUTING,
        WRITING
    }

    /** Why a computation was stopped. */
    public enum Stop {
        LATE,
        GONE
    }

    /** A computation was stopped. */
    public static final class Stopped extends RuntimeException {
        private final Stop why;

        Stopped(Stop why, @Nullable Throwable cause) {
            super("the computation was stopped", cause);
            this.why = why;
        }

        public Stop why() {
            return why;
        }
    }

    private final ConnectionContext context;
    private final ServerConnection http;
    private final Patience patience;
    private final Set<ClientConnection> open;
    private final ReadAhead socket;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock, as all below. */
    private State state = State.IDLE;

    private long since = System.nanoTime();
    private long limit;
    private @Nullable Thread computing;
    private @Nullable Stop stop;

    /**
     * @param http makes the connection that parses requests
     * @param open holds this connection while it is open
     */
    ClientConnection(
            ConnectionContext context,
            Function<ConnectionContext, ServerConnection> http,
            Patience patience,
            Set<ClientConnection> open) {
        this.context = context;
        this.patience = patience;
        this.open = open;
        socket = new ReadAhead(context.serverSocket());
        this.http = http.apply(new WatchedContext(context, DataReader.create(this::read)));
    }

    /** The connection of the request that this thread handles. */
    public static ClientConnection current() {
        return CURRENT.get();
    }

    @Override
    public void handle(Limit requests) throws InterruptedException {
        open.add(this);
        try {
            ScopedValue.where(CURRENT, this)
                    .call(
                            () -> {
                                http.handle(requests);
                                return null;
                            });
        } finally {
            open.remove(this);
        }
    }

    @Override
    public Duration idleTime() {
        return Duration.ZERO; // idle connections are closed here
    }

    @Override
    public void close(boolean interrupt) {
        http.close(interrupt);
    }

    private byte[] read() {
        var bytes = socket.get();
        lock.lock();
        try {
            if (state == State.IDLE) {
                enter(State.READING);
            }
        } finally {
            lock.unlock();
        }
        return bytes;
    }

    private void enter(State next) {
        state = next;
        since = System.nanoTime();
    }

    /**
     * Computes an answer on this thread, which is interrupted if that takes too long or the client
     * goes. The request has been read.
     *
     * @throws Stopped if it was interrupted
     */
    public <T> T compute(Supplier<T> answer, Duration timeLimit) {
        lock.lock();
        try {
            enter(State.COMPUTING);
            limit = timeLimit.toNanos();
            computing = Thread.currentThread();
            stop = null;
        } finally {
            lock.unlock();
        }
        RuntimeException failure;
        try {
            return answer.get();
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            lock.lock();
            try {
                enter(State.WRITING);
                computing = null;
                if (stop != null) {
                    Thread.interrupted(); // the answer is written by this thread
                }
            } finally {
                lock.unlock();
            }
        }
        var why = stop;
        throw why == null ? failure : new Stopped(why, failure);
    }

    /** The answer of a request is written. */
    public void answered() {
        lock.lock();
        try {
            enter(State.IDLE);
        } finally {
            lock.unlock();
        }
    }

    /** Closes the connection, or stops its computation, if its time is up. */
    void look() {
        lock.lock();
        try {
            long spent = System.nanoTime() - since;
            switch (state) {
                case IDLE -> abortAfter(patience.idle(), spent);
                case READING -> abortAfter(patience.reading(), spent);
                case WRITING -> abortAfter(patience.writing(), spent);
                case COMPUTING -> {
                    if (spent > limit) {
                        stop(Stop.LATE);
                    } else if (spent > WATCHED_AFTER_NANOS) {
                        socket.begin(this::gone);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void abortAfter(Duration time, long spent) {
        if (spent > time.toNanos()) {
            open.remove(this);
            // Closing may wait for a write that hangs.
            Thread.startVirtualThread(context.serverSocket()::close);
        }
    }

    private void gone() {
        lock.lock();
        try {
            stop(Stop.GONE);
        } finally {
            lock.unlock();
        }
    }

    private void stop(Stop why) {
        if (computing != null && stop == null) {
            stop = why;
            computing.interrupt();
        }
    }
}
