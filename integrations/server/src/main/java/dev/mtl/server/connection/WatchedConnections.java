package dev.mtl.server.connection;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * HTTP/1.1 connections that are looked at several times a second: those whose client is too slow
 * are closed, and a request whose client has gone stops its computation.
 */
public final class WatchedConnections implements ServerConnectionSelector, AutoCloseable {
    private static final long PERIOD_MILLIS = 100;

    private final Http1ConnectionSelector http1;
    private final Patience patience;
    private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("mtl-connections").factory());

    public WatchedConnections(Http1ConnectionSelector http1, Patience patience) {
        this.http1 = http1;
        this.patience = patience;
        var _ =
                watch.scheduleWithFixedDelay(
                        () -> open.forEach(ClientConnection::look),
                        PERIOD_MILLIS,
                        PERIOD_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public int bytesToIdentifyConnection() {
        return http1.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return http1.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http1.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        return new ClientConnection(context, http1::connection, patience, open);
    }

    /** Waits until there is no connection, or the time is up. */
    public void awaitClosed(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (!open.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(10);
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
