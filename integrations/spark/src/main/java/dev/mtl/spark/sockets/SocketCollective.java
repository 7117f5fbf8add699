package dev.mtl.spark.sockets;

import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.CollectiveException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Processes in a row, each connected with the one before it and the one after it. Sums travel along
 * the row and come back as totals; so does everything else.
 */
final class SocketCollective implements Collective {
    /** How long the neighbours may take to read the news of a failure. */
    private static final Duration LAST_NEWS = Duration.ofSeconds(20);

    private final int rank;
    private final List<String> names;
    private final boolean oneMachine;
    private final @Nullable Link before;
    private final @Nullable Link after;
    private final Selector selector;
    private final Duration timeLimit;

    /** The first failure that this process has heard of, or its own. */
    private @Nullable String failure;

    /**
     * A process of a row.
     *
     * @param hosts of all processes, by rank
     * @param before null for the first process
     * @param after null for the last process
     * @param selector of both; closed with this object
     * @param timeLimit of each call
     */
    SocketCollective(
            int rank,
            List<String> hosts,
            @Nullable Link before,
            @Nullable Link after,
            Selector selector,
            Duration timeLimit) {
        this.rank = rank;
        names = names(hosts);
        oneMachine = hosts.stream().distinct().count() <= 1;
        this.before = before;
        this.after = after;
        this.selector = selector;
        this.timeLimit = timeLimit;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public String name(int other) {
        return names.get(other);
    }

    @Override
    public boolean isOneMachine() {
        return oneMachine;
    }

    /** Processes by rank and host, for messages. */
    static List<String> names(List<String> hosts) {
        return IntStream.range(0, hosts.size())
                .mapToObj(rank -> "process %d (%s)".formatted(rank, hosts.get(rank)))
                .toList();
    }

    /**
     * Runs a call; a failure in it reaches the neighbours before it is thrown.
     *
     * @throws CollectiveException if a process has failed
     */
    private void run(Runnable call) {
        if (failure != null) {
            throw new CollectiveException(failure);
        }
        try {
            call.run();
        } catch (CollectiveException e) {
            end(String.valueOf(e.getMessage()));
            throw e;
        } catch (RuntimeException | Error e) {
            fail(e.toString());
            throw e;
        }
    }

    /**
     * Takes steps until the last one is done and all is sent.
     *
     * @param step moves what can be moved; returns whether nothing is left to do
     * @throws CollectiveException if a process has failed, or the time limit passes
     */
    private void await(String what, BooleanSupplier step) {
        await(what, step, () -> false);
    }

    /**
     * The same.
     *
     * @param asksAgain whether a step may be possible soon, though nothing arrives
     */
    private void await(String what, BooleanSupplier step, BooleanSupplier asksAgain) {
        long begun = System.nanoTime();
        for (boolean done = step.getAsBoolean(); !(flush() && done); done = step.getAsBoolean()) {
            long left = timeLimit.minusNanos(System.nanoTime() - begun).toMillis();
            if (left <= 0) {
                throw new CollectiveException(
                        "%s has waited %d s for %s: another process is dead or cannot be reached"
                                .formatted(names.get(rank), timeLimit.toSeconds(), what));
            }
            links().forEach(Link::listen);
            try {
                selector.select(asksAgain.getAsBoolean() ? 1 : left);
            } catch (IOException e) {
                throw new CollectiveException(names.get(rank) + " is gone: " + e.getMessage());
            }
            selector.selectedKeys().clear();
        }
    }

    private boolean flush() {
        boolean all = true;
        for (var link : links().toList()) {
            all &= link.flush();
        }
        return all;
    }

    /** Waits for a buffer. */
    private ByteBuffer receive(String what, Link from, @Nullable ByteBuffer target) {
        var received = new AtomicReference<@Nullable ByteBuffer>();
        await(
                what,
                () -> {
                    if (received.get() == null) {
                        received.set(from.receive(target));
                    }
                    return received.get() != null;
                });
        return Objects.requireNonNull(received.get());
    }

    /** Passes the first failure on to the neighbours, and lets go of them. */
    private void end(String reason) {
        if (failure == null) {
            failure = reason;
            links().forEach(link -> link.sendFailure(reason));
            Thread.ofPlatform().daemon().name("mtl-last-news").start(this::lastNews);
        }
    }

    /** Sends what is left, and closes each connection once the neighbour has closed it. */
    private void lastNews() {
        long end = System.nanoTime() + LAST_NEWS.toNanos();
        var open = new ArrayList<>(links().toList());
        var nothing = ByteBuffer.allocateDirect(1 << 16);
        while (!open.isEmpty() && System.nanoTime() < end) {
            open.removeIf(link -> link.isOver(nothing));
            LockSupport.parkNanos(1_000_000);
        }
        letGo();
    }

    private void letGo() {
        links().forEach(Link::close);
        try {
            selector.close();
        } catch (IOException _) { // it is not used any more
        }
    }

    private Stream<Link> links() {
        return Stream.of(before, after).flatMap(Stream::ofNullable);
    }

    @Override
    public void sumInOrder(List<ByteBuffer> buckets, Addends own) {
        run(() -> travel(new TravellingSum(before, after, buckets, i -> true, own)));
    }

    /** Each process keeps what it has until the sum of those before it has come. */
    @Override
    public void sum(List<ByteBuffer> buckets, Addends own) {
        var kept = new float[buckets.stream().mapToInt(ByteBuffer::remaining).max().orElse(0) / 4];
        IntPredicate keep =
                i -> {
                    if (!own.isReady(i)) {
                        return false;
                    }
                    own.addTo(i);
                    floats(buckets.get(i), kept);
                    return true;
                };
        IntConsumer add =
                i -> {
                    if (rank > 0) {
                        add(buckets.get(i), kept);
                    }
                };
        run(() -> travel(new TravellingSum(before, after, buckets, keep, Addends.of(add))));
    }

    private static void floats(ByteBuffer bucket, float[] values) {
        bucket.duplicate()
                .order(bucket.order())
                .asFloatBuffer()
                .get(values, 0, bucket.remaining() / Float.BYTES);
    }

    private static void add(ByteBuffer bucket, float[] own) {
        var sums = bucket.duplicate().order(bucket.order()).asFloatBuffer();
        for (int i = 0; i < sums.limit(); i++) {
            sums.put(i, sums.get(i) + own[i]);
        }
    }

    private void travel(TravellingSum sum) {
        await("the sum of gradients", sum::advance, sum::waitsForThisProcess);
    }

    @Override
    public void broadcast(List<ByteBuffer> buckets) {
        run(
                () -> {
                    for (var bucket : buckets) {
                        if (before != null) {
                            receive("the weights", before, bucket);
                        }
                        if (after != null) {
                            after.send(bucket);
                        }
                        flush();
                    }
                    await("the weights", () -> true);
                });
    }

    @Override
    public List<byte[]> allGather(byte[] own) {
        var all = new ArrayList<byte[]>();
        run(() -> all.addAll(passOn(own)));
        return all;
    }

    /** What the processes before have said goes to the next one, and all of it comes back. */
    private List<byte[]> passOn(byte[] own) {
        var known = new ArrayList<byte[]>();
        if (before != null) {
            known.addAll(unpack(receive("an answer", before, null)));
        }
        known.add(own);
        if (after != null) {
            after.send(pack(known));
            known.clear();
            known.addAll(unpack(receive("an answer", after, null)));
        }
        if (before != null) {
            before.send(pack(known));
        }
        await("an answer", () -> true);
        return known;
    }

    private static ByteBuffer pack(List<byte[]> all) {
        int bytes = all.stream().mapToInt(one -> Integer.BYTES + one.length).sum();
        var packed = ByteBuffer.allocate(Integer.BYTES + bytes).putInt(all.size());
        all.forEach(one -> packed.putInt(one.length).put(one));
        return packed.flip();
    }

    private static List<byte[]> unpack(ByteBuffer packed) {
        var all = new ArrayList<byte[]>();
        for (int left = packed.getInt(); left > 0; left--) {
            var one = new byte[packed.getInt()];
            packed.get(one);
            all.add(one);
        }
        return all;
    }

    @Override
    public void fail(String reason) {
        end("%s failed: %s".formatted(names.get(rank), reason));
    }

    /** After a failure, the connections end by themselves once the neighbours have read of it. */
    @Override
    public void close() {
        if (failure == null) {
            try {
                allGather(new byte[0]);
                letGo();
            } catch (CollectiveException _) { // what this process had to do is done
            }
        }
    }
}
