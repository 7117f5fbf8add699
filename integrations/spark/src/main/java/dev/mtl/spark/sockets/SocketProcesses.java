package dev.mtl.spark.sockets;

import dev.mtl.core.MtlException;
import dev.mtl.train.collective.Collective;

import org.jspecify.annotations.Nullable;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;

/** Connects the processes of a launch by TCP. */
public final class SocketProcesses {
    private static final Duration CONNECTING = Duration.ofSeconds(60);

    private SocketProcesses() {}

    /** How the processes tell each other their addresses: each gives its own, all get all. */
    public interface Addresses {
        /** The texts of all processes, by rank. */
        List<String> exchange(String own);
    }

    /**
     * Connects this process with its neighbours. All processes of the launch call this.
     *
     * @param rank of this process, from 0
     * @param host under which the others reach this process
     * @param secret the same in all processes; connections that do not know it are closed
     * @param timeLimit after which a process that does not answer counts as dead
     * @throws MtlException if a neighbour cannot be reached
     */
    public static Collective open(
            int rank, String host, String secret, Duration timeLimit, Addresses addresses) {
        try (var server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(host, 0));
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            var all = addresses.exchange(host + ":" + port);
            var hosts = all.stream().map(SocketProcesses::host).toList();
            var names = SocketCollective.names(hosts);
            var key = secret.getBytes(StandardCharsets.UTF_8);
            var selector = Selector.open();
            try {
                var before =
                        rank == 0
                                ? null
                                : new Link(
                                        connect(all.get(rank - 1), names.get(rank - 1), key),
                                        selector,
                                        names.get(rank - 1));
                var after =
                        rank == all.size() - 1
                                ? null
                                : new Link(
                                        accept(server, names.get(rank + 1), key),
                                        selector,
                                        names.get(rank + 1));
                return new SocketCollective(rank, hosts, before, after, selector, timeLimit);
            } catch (IOException | RuntimeException e) {
                selector.close();
                throw e;
            }
        } catch (IOException e) {
            throw new MtlException("no connection at " + host + ": " + e.getMessage(), e);
        }
    }

    private static String host(String address) {
        return address.substring(0, address.lastIndexOf(':'));
    }

    private static SocketChannel connect(String address, String name, byte[] key) {
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        try {
            var channel = SocketChannel.open();
            channel.socket()
                    .connect(
                            new InetSocketAddress(host(address), port),
                            Math.toIntExact(CONNECTING.toMillis()));
            channel.write(ByteBuffer.wrap(key));
            return withoutDelay(channel);
        } catch (IOException e) {
            throw new MtlException(
                    "%s cannot be reached at %s: %s; executors must be able to connect to each other"
                            .formatted(name, address, e.getMessage()),
                    e);
        }
    }

    /** The first connection that knows the key. */
    private static SocketChannel accept(ServerSocketChannel server, String name, byte[] key)
            throws IOException {
        long end = System.nanoTime() + CONNECTING.toNanos();
        while (true) {
            long left = (end - System.nanoTime()) / 1_000_000;
            SocketChannel channel = left <= 0 ? null : accept(server, left);
            if (channel == null) {
                throw new MtlException(
                        "%s has not connected within %d s; executors must be able to connect to each other"
                                .formatted(name, CONNECTING.toSeconds()));
            }
            if (knows(channel, key)) {
                return withoutDelay(channel);
            }
            channel.close();
        }
    }

    private static @Nullable SocketChannel accept(ServerSocketChannel server, long millis)
            throws IOException {
        try {
            server.socket().setSoTimeout(Math.toIntExact(millis));
            return server.socket().accept().getChannel();
        } catch (SocketTimeoutException e) {
            return null;
        }
    }

    private static boolean knows(SocketChannel channel, byte[] key) {
        try {
            channel.socket().setSoTimeout(5_000);
            var said = new byte[key.length];
            new DataInputStream(channel.socket().getInputStream()).readFully(said);
            return MessageDigest.isEqual(said, key);
        } catch (IOException e) {
            return false;
        }
    }

    /** Small messages leave at once. */
    private static SocketChannel withoutDelay(SocketChannel channel) throws IOException {
        return channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
}
