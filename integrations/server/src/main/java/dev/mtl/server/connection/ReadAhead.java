package dev.mtl.server.connection;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.ServerConnectionException;

import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * The bytes of a socket, which may be read before anybody asks for them: so the end of the stream
 * is seen while a request is computed.
 */
final class ReadAhead implements Supplier<byte[]> {
    private final HelidonSocket socket;
    private volatile @Nullable CompletableFuture<byte @Nullable []> ahead;

    ReadAhead(HelidonSocket socket) {
        this.socket = socket;
    }

    /** Reads on another thread; calls {@code ended} if the client has closed the connection. */
    void begin(Runnable ended) {
        if (ahead != null) {
            return;
        }
        var bytes = new CompletableFuture<byte @Nullable []>();
        ahead = bytes;
        Thread.startVirtualThread(
                () -> {
                    try {
                        var read = socket.get();
                        bytes.complete(read);
                        if (read == null) {
                            ended.run();
                        }
                    } catch (RuntimeException e) {
                        bytes.completeExceptionally(e);
                        ended.run();
                    }
                });
    }

    /** The next bytes; null at the end of the stream. */
    @Override
    @SuppressWarnings("NullAway") // the reader of Helidon takes null for the end
    public byte[] get() {
        var pending = ahead;
        if (pending == null) {
            try {
                return socket.get();
            } catch (UncheckedIOException e) {
                throw new ServerConnectionException("the connection was closed", e);
            }
        }
        try {
            return pending.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerConnectionException("the connection is closed", e);
        } catch (ExecutionException e) {
            throw new ServerConnectionException("the connection was closed", e);
        } finally {
            ahead = null;
        }
    }
}
