package dev.mtl.spark.sockets;

import dev.mtl.train.collective.CollectiveException;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The connection with a neighbour, for one thread; no call waits. What is sent is a length and as
 * many bytes; a process that fails sends the length -1, and then why.
 */
final class Link {
    private static final int FAILURE = -1;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final String neighbour;

    /** Lengths and what follows them. */
    private final Deque<ByteBuffer> leaving = new ArrayDeque<>();

    private final ByteBuffer length = ByteBuffer.allocateDirect(Integer.BYTES);
    private @Nullable ByteBuffer arriving;
    private boolean failure;
    private boolean expecting;

    /**
     * A connection.
     *
     * @param selector wakes when there is something to do, see {@link #listen}
     * @param neighbour whom it leads to, for messages
     */
    Link(SocketChannel channel, Selector selector, String neighbour) throws IOException {
        this.channel = channel;
        this.neighbour = neighbour;
        channel.configureBlocking(false);
        key = channel.register(selector, 0);
    }

    /** Sends a buffer by {@link #flush}; it must not change until then. */
    void send(ByteBuffer buffer) {
        leaving.add(ByteBuffer.allocate(Integer.BYTES).putInt(buffer.remaining()).flip());
        leaving.add(buffer.duplicate());
    }

    /**
     * Sends as much as can be sent now.
     *
     * @return whether all is sent
     * @throws CollectiveException if the neighbour is gone
     */
    boolean flush() {
        try {
            long written = 1;
            while (written > 0 && !leaving.isEmpty()) {
                written = channel.write(leaving.toArray(ByteBuffer[]::new));
                leaving.removeIf(buffer -> !buffer.hasRemaining());
            }
            return leaving.isEmpty();
        } catch (IOException e) {
            throw gone(e);
        }
    }

    /**
     * Receives what is there of a buffer; called again until all of it is.
     *
     * @param target whose size is expected; null for a new buffer of any size
     * @return null as long as something is missing
     * @throws CollectiveException if the neighbour is gone, or says that a process has failed
     */
    @Nullable ByteBuffer receive(@Nullable ByteBuffer target) {
        try {
            while (true) {
                var buffer = arriving;
                if (buffer == null) {
                    if (!fill(length)) {
                        return null;
                    }
                    int size = length.flip().getInt();
                    length.clear();
                    if (size == FAILURE) {
                        failure = true; // the length of its text is next
                        continue;
                    }
                    buffer = failure || target == null ? ByteBuffer.allocate(size) : target.slice();
                    if (buffer.remaining() != size) {
                        throw new IOException(
                                "it sends %d bytes instead of %d"
                                        .formatted(size, buffer.remaining()));
                    }
                    arriving = buffer;
                }
                if (!fill(buffer)) {
                    return null;
                }
                arriving = null;
                if (failure) {
                    throw new CollectiveException(
                            StandardCharsets.UTF_8.decode(buffer.flip()).toString());
                }
                return buffer.flip();
            }
        } catch (IOException e) {
            throw gone(e);
        }
    }

    private boolean fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer);
            if (read < 0) {
                throw new EOFException("the connection has ended");
            }
            if (read == 0) {
                expecting = true;
                return false;
            }
        }
        return true;
    }

    private CollectiveException gone(IOException e) {
        var reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new CollectiveException("%s is gone: %s".formatted(neighbour, reason));
    }

    /** Makes the selector wake for what this link waits for. */
    void listen() {
        key.interestOps(
                (expecting ? SelectionKey.OP_READ : 0)
                        | (leaving.isEmpty() ? 0 : SelectionKey.OP_WRITE));
        expecting = false;
    }

    /**
     * Sends a failure by {@link #flush}, after a buffer whose beginning is sent: a copy of its
     * rest, since its memory may be freed.
     */
    void sendFailure(String message) {
        boolean lengthIsSent = leaving.size() % 2 == 1;
        boolean lengthIsBegun = !leaving.isEmpty() && leaving.getFirst().position() > 0;
        var begun =
                leaving.stream()
                        .limit(lengthIsSent ? 1 : lengthIsBegun ? 2 : 0)
                        .map(rest -> ByteBuffer.allocate(rest.remaining()).put(rest).flip())
                        .toList();
        leaving.clear();
        leaving.addAll(begun);
        var text = message.getBytes(StandardCharsets.UTF_8);
        leaving.add(
                ByteBuffer.allocate(2 * Integer.BYTES + text.length)
                        .putInt(FAILURE)
                        .putInt(text.length)
                        .put(text)
                        .flip());
    }

    /**
     * Sends what is left, then the end, and throws away what the neighbour has sent: a connection
     * that is closed before that is read takes with it what the neighbour has not read yet.
     *
     * @param nothing receives what is thrown away
     * @return whether the neighbour has ended the connection, too
     */
    boolean isOver(ByteBuffer nothing) {
        try {
            if (flush()) {
                channel.shutdownOutput();
            }
            int read = 1;
            while (read > 0) {
                read = channel.read(nothing.clear());
            }
            return read < 0;
        } catch (CollectiveException | IOException _) { // a neighbour that is gone needs no news
            return true;
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException _) { // it is not used any more
        }
    }
}
