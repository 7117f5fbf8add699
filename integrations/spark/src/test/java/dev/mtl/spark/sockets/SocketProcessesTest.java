package dev.mtl.spark.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.memory.TensorBytes;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.Collective.Addends;
import dev.mtl.train.collective.CollectiveException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Threads stand for processes; their connections are real. */
@Timeout(60)
class SocketProcessesTest {
    private static final String HOST = "127.0.0.1";
    private static final Duration LONG = Duration.ofSeconds(30);

    /** Floats of a bucket: more than the buffers of a connection hold. */
    private static final int BUCKET = 1 << 20;

    /** What each process has to say to its launcher. */
    private static final class Launcher {
        private final String[] addresses;
        private final CyclicBarrier all;

        Launcher(int size) {
            addresses = new String[size];
            all = new CyclicBarrier(size);
        }

        List<String> exchange(int rank, String own) {
            addresses[rank] = own;
            try {
                all.await();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            return List.of(addresses);
        }
    }

    private static <T> List<T> run(int size, Function<Collective, T> work) {
        var launcher = new Launcher(size);
        try (var threads = Executors.newFixedThreadPool(size)) {
            return threads
                    .invokeAll(
                            IntStream.range(0, size)
                                    .mapToObj(
                                            rank ->
                                                    (Callable<T>)
                                                            () -> {
                                                                try (var processes =
                                                                        open(launcher, rank)) {
                                                                    return work.apply(processes);
                                                                }
                                                            })
                                    .toList())
                    .stream()
                    .map(
                            future -> {
                                try {
                                    return future.get();
                                } catch (InterruptedException | ExecutionException e) {
                                    throw new AssertionError(e);
                                }
                            })
                    .toList();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Collective open(Launcher launcher, int rank) {
        return SocketProcesses.open(
                rank, HOST, "secret", LONG, own -> launcher.exchange(rank, own));
    }

    private static List<ByteBuffer> buckets(int count, float value) {
        var buckets = new ArrayList<ByteBuffer>();
        for (int i = 0; i < count; i++) {
            var bucket =
                    ByteBuffer.allocateDirect((BUCKET - i) * Float.BYTES)
                            .order(ByteOrder.nativeOrder());
            for (int j = 0; j < BUCKET - i; j++) {
                bucket.putFloat(j * Float.BYTES, value);
            }
            buckets.add(bucket);
        }
        return buckets;
    }

    /** The values of a process for a bucket. */
    private static float[] values(int rank, int bucket, int count) {
        var random = new SplittableRandom(rank * 31L + bucket);
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextDouble() - 0.5) * (1 << random.nextInt(20));
        }
        return values;
    }

    private static void add(ByteBuffer bucket, float[] values) {
        var floats = bucket.duplicate().order(bucket.order()).asFloatBuffer();
        for (int i = 0; i < values.length; i++) {
            floats.put(i, floats.get(i) + values[i]);
        }
    }

    private static float[] floats(ByteBuffer bucket) {
        var floats = new float[bucket.remaining() / Float.BYTES];
        bucket.duplicate().order(bucket.order()).asFloatBuffer().get(floats);
        return floats;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void theOrderedSumHasTheBitsOfOneProcess(int size) {
        var expected = buckets(3, -0.0f);
        for (int rank = 0; rank < size; rank++) {
            for (int i = 0; i < expected.size(); i++) {
                add(expected.get(i), values(rank, i, BUCKET - i));
            }
        }
        var sums =
                run(
                        size,
                        processes -> {
                            int rank = processes.rank();
                            var buckets = buckets(3, rank == 0 ? -0.0f : Float.NaN);
                            processes.sumInOrder(
                                    buckets,
                                    later(i -> add(buckets.get(i), values(rank, i, BUCKET - i))));
                            return buckets;
                        });

        for (var sum : sums) {
            for (int i = 0; i < expected.size(); i++) {
                assertThat(sum.get(i)).isEqualTo(expected.get(i));
            }
        }
    }

    /** Values that are there some time after the sum has begun, one bucket after the other. */
    private static Addends later(IntConsumer addTo) {
        long begun = System.nanoTime();
        return new Addends() {
            @Override
            public boolean isReady(int i) {
                return System.nanoTime() - begun > (i + 1) * 5_000_000L;
            }

            @Override
            public void addTo(int i) {
                assertThat(isReady(i)).isTrue();
                addTo.accept(i);
            }
        };
    }

    @Test
    void theFreeSumIsTheSameEverywhere() {
        var sums =
                run(
                        3,
                        processes -> {
                            var buckets = buckets(2, 1 + processes.rank());
                            processes.sum(buckets, later(i -> {}));
                            return buckets.stream().map(SocketProcessesTest::floats).toList();
                        });

        for (var sum : sums) {
            for (var bucket : sum) {
                assertThat(bucket).containsOnly(6);
            }
        }
    }

    @Test
    void allHearWhatEachSaysAndWhatTheFirstHas() {
        var heard =
                run(
                        4,
                        processes -> {
                            var buckets = buckets(2, processes.rank() + 7);
                            processes.broadcast(buckets);
                            assertThat(floats(buckets.get(1))).containsOnly(7);
                            var own = new byte[processes.rank()];
                            Arrays.fill(own, (byte) processes.rank());
                            return processes.allGather(own);
                        });

        for (var all : heard) {
            assertThat(all)
                    .containsExactly(
                            new byte[0], new byte[] {1}, new byte[] {2, 2}, new byte[] {3, 3, 3});
        }
    }

    private static String failureOf(Runnable call) {
        try {
            call.run();
        } catch (CollectiveException e) {
            return String.valueOf(e.getMessage());
        }
        return "none";
    }

    @Test
    void aFailureReachesAllWithItsReason() {
        var heard =
                run(
                        5,
                        processes -> {
                            if (processes.rank() == 3) {
                                processes.fail("no more memory");
                            }
                            return failureOf(
                                    () -> processes.sumInOrder(buckets(3, 0), Addends.of(i -> {})));
                        });

        assertThat(heard).containsOnly("process 3 (127.0.0.1) failed: no more memory");
    }

    @Test
    void aFailureWhileSumsOfTensorsTravelReachesAll() {
        var heard =
                run(
                        4,
                        processes -> {
                            try (var _ = TensorScope.open()) {
                                var tensors =
                                        IntStream.range(0, 4)
                                                .mapToObj(
                                                        _ ->
                                                                Tensors.zeros(
                                                                        DType.FLOAT32,
                                                                        Device.CPU,
                                                                        BUCKET))
                                                .toList();
                                TensorBytes.use(
                                        tensors,
                                        buckets ->
                                                processes.sumInOrder(
                                                        buckets,
                                                        Addends.of(
                                                                bucket -> {
                                                                    if (processes.rank() == 1
                                                                            && bucket == 2) {
                                                                        throw new IllegalStateException(
                                                                                "a bad sum");
                                                                    }
                                                                })));
                            } catch (IllegalStateException e) {
                                return "own";
                            } catch (CollectiveException e) {
                                return String.valueOf(e.getMessage());
                            }
                            return "none";
                        });

        var news = "process 1 (127.0.0.1) failed: java.lang.IllegalStateException: a bad sum";
        assertThat(heard).containsExactly(news, "own", news, news);
    }

    @Test
    void afterAFailureEveryCallFails() {
        run(
                2,
                processes -> {
                    if (processes.rank() == 0) {
                        processes.fail("a bad row");
                        processes.fail("another one");
                    }
                    for (int i = 0; i < 2; i++) {
                        assertThat(failureOf(() -> processes.allGather(new byte[1])))
                                .isEqualTo("process 0 (127.0.0.1) failed: a bad row");
                    }
                    return 0;
                });
    }

    private interface WithPeer {
        void use(SocketCollective process, SocketChannel peer) throws IOException;
    }

    /** Process 1 of three; the test has the other ends of its connections. */
    private static void between(Duration limit, WithPeer work) throws IOException {
        try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(HOST, 0));
                var peer = SocketChannel.open(server.getLocalAddress());
                var toPeer = server.accept();
                var other = SocketChannel.open(server.getLocalAddress());
                var toOther = server.accept();
                var selector = Selector.open();
                var process =
                        new SocketCollective(
                                1,
                                List.of("a", "b", "c"),
                                new Link(toPeer, selector, "process 0 (a)"),
                                new Link(toOther, selector, "process 2 (c)"),
                                selector,
                                limit)) {
            work.use(process, peer);
            var news = failureOf(() -> process.allGather(new byte[0]));
            var told = new DataInputStream(other.socket().getInputStream());
            assertThat(told.readInt()).isEqualTo(-1);
            assertThat(new String(told.readNBytes(told.readInt()), StandardCharsets.UTF_8))
                    .isEqualTo(news);
        }
    }

    @Test
    void aProcessThatIsGoneIsNamedToThoseBehindIt() throws IOException {
        between(
                LONG,
                (process, peer) -> {
                    peer.close();
                    assertThat(failureOf(() -> process.broadcast(buckets(1, 0))))
                            .startsWith("process 0 (a) is gone: ");
                });
    }

    @Test
    void aProcessThatDoesNotAnswerIsWaitedForUntilTheTimeLimit() throws IOException {
        between(
                Duration.ofSeconds(1),
                (process, peer) ->
                        assertThat(failureOf(() -> process.allGather(new byte[1])))
                                .isEqualTo(
                                        "process 1 (b) has waited 1 s for an answer: another"
                                                + " process is dead or cannot be reached"));
    }

    @Test
    void aStrangerIsTurnedAway() throws Exception {
        var launcher = new Launcher(2);
        try (var threads = Executors.newFixedThreadPool(2);
                var stranger = SocketChannel.open()) {
            var first =
                    threads.submit(
                            () -> {
                                try (var processes =
                                        SocketProcesses.open(
                                                0,
                                                HOST,
                                                "secret",
                                                LONG,
                                                own -> {
                                                    call(stranger, own);
                                                    return launcher.exchange(0, own);
                                                })) {
                                    return processes.allGather(new byte[] {5});
                                }
                            });
            try (var second = open(launcher, 1)) {
                assertThat(second.allGather(new byte[] {6})).hasSize(2);
            }
            assertThat(first.get()).containsExactly(new byte[] {5}, new byte[] {6});
        }
    }

    private static void call(SocketChannel stranger, String address) {
        try {
            int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
            stranger.connect(new InetSocketAddress(HOST, port));
            stranger.write(ByteBuffer.wrap("sesame".getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
