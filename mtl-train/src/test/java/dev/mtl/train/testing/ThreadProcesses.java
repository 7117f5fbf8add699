package dev.mtl.train.testing;

import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.CollectiveException;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.function.Function;

/** Threads of this JVM in place of processes: what they exchange, they copy. */
public final class ThreadProcesses {
    private final int size;
    private final Object[] offered;
    private final Phaser meeting;
    private volatile @Nullable String failure;

    private ThreadProcesses(int size) {
        this.size = size;
        offered = new Object[size];
        meeting = new Phaser(size);
    }

    /**
     * Runs work in each of several processes.
     *
     * @return the results, by rank
     * @throws RuntimeException the first failure that is not the news of another
     */
    public static <T> List<T> run(int size, Function<Collective, T> work) {
        var group = new ThreadProcesses(size);
        var results = new ArrayList<T>();
        RuntimeException thrown = null;
        try (var threads = Executors.newFixedThreadPool(size)) {
            var running = new ArrayList<Future<T>>();
            for (int i = 0; i < size; i++) {
                int rank = i;
                running.add(threads.submit(() -> group.runOne(group.new Member(rank), work)));
            }
            for (var one : running) {
                try {
                    results.add(one.get());
                } catch (ExecutionException e) {
                    var cause = (RuntimeException) e.getCause();
                    if (thrown == null || thrown instanceof CollectiveException) {
                        thrown = cause;
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        if (thrown != null) {
            throw thrown;
        }
        return results;
    }

    private <T> T runOne(Collective member, Function<Collective, T> work) {
        try {
            return work.apply(member);
        } catch (RuntimeException e) {
            member.fail(e.toString());
            throw e;
        }
    }

    private void await() {
        if (meeting.arriveAndAwaitAdvance() < 0) {
            throw new CollectiveException(String.valueOf(failure));
        }
    }

    private final class Member implements Collective {
        private final int rank;

        Member(int rank) {
            this.rank = rank;
        }

        @Override
        public int rank() {
            return rank;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public String name(int other) {
            return "process " + other;
        }

        private List<Object> exchange(Object own) {
            offered[rank] = own;
            await();
            var all = List.of(offered);
            await();
            return all;
        }

        @Override
        public void sumInOrder(List<ByteBuffer> buckets, Addends own) {
            for (int turn = 0; turn < size; turn++) {
                if (turn == rank) {
                    for (int i = 0; i < buckets.size(); i++) {
                        own.addTo(i);
                    }
                }
                copyFrom(turn, buckets);
            }
        }

        private void copyFrom(int source, List<ByteBuffer> buckets) {
            var copies = new ArrayList<byte[]>();
            for (var bucket : source == rank ? buckets : List.<ByteBuffer>of()) {
                var copy = new byte[bucket.capacity()];
                bucket.get(0, copy);
                copies.add(copy);
            }
            var received = (List<?>) exchange(copies).get(source);
            for (int i = 0; i < buckets.size(); i++) {
                buckets.get(i).put(0, (byte[]) received.get(i));
            }
        }

        @Override
        public void sum(List<ByteBuffer> buckets, Addends own) {
            for (int i = 0; i < buckets.size(); i++) {
                own.addTo(i);
            }
            var copies = new ArrayList<float[]>();
            for (var bucket : buckets) {
                var copy = new float[bucket.capacity() / Float.BYTES];
                bucket.asFloatBuffer().get(0, copy);
                copies.add(copy);
            }
            var all = exchange(copies);
            for (int i = 0; i < buckets.size(); i++) {
                var sum = new float[buckets.get(i).capacity() / Float.BYTES];
                for (var of : all) {
                    var part = (float[]) ((List<?>) of).get(i);
                    for (int j = 0; j < sum.length; j++) {
                        sum[j] += part[j];
                    }
                }
                buckets.get(i).asFloatBuffer().put(0, sum);
            }
        }

        @Override
        public void broadcast(List<ByteBuffer> buckets) {
            copyFrom(0, buckets);
        }

        @Override
        public List<byte[]> allGather(byte[] own) {
            return exchange(own).stream().map(byte[].class::cast).toList();
        }

        @Override
        public void fail(String reason) {
            if (failure == null) {
                failure = name(rank) + " failed: " + reason;
            }
            meeting.forceTermination(); // also for those who come later
        }

        @Override
        public void close() {}
    }
}
