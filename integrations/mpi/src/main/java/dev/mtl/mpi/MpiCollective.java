package dev.mtl.mpi;

import dev.mtl.core.MtlException;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.CollectiveException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Processes that MPI connects. All waiting is done here, by asking again and again with pauses in
 * between: MPI's own waiting keeps a core busy, which may be computing for another process, and
 * hears neither of failures nor of a time limit.
 */
final class MpiCollective implements Collective {
    private static final int FAILURE_TAG = 1;
    private static final int GATHER_TAG = 2;
    private static final int EXCHANGE_TAG = 3;

    /** A text of at most this size is sent without waiting for its receiver. */
    private static final int FAILURE_BYTES = 1024;

    /** Questions before the first pause: 20 microseconds or so. */
    private static final int BUSY = 100;

    private static final long PAUSE_NANOS = 50_000;

    /** To ask about some dozen messages takes about 20 microseconds of a core. */
    private static final long LONG_PAUSE_NANOS = 500_000;

    private static final long FAILURE_CHECK_NANOS = 5_000_000;

    /** What process 0 may take for a checkpoint, before the launcher ends all processes. */
    private static final Duration LAST_CHECKPOINT = Duration.ofSeconds(60);

    private final MpiCalls mpi;
    private final int rank;
    private final int size;
    private final long timeLimitNanos;
    private List<String> hosts = List.of();
    private boolean pending;
    private boolean failed;

    private MpiCollective(MpiCalls mpi, Duration timeLimit) {
        this.mpi = mpi;
        rank = mpi.rank();
        size = mpi.size();
        timeLimitNanos = timeLimit.toNanos();
    }

    /**
     * Initializes MPI.
     *
     * @param timeLimit after which a process that does not answer counts as dead
     */
    static MpiCollective open(MpiLibrary library, Launch launch, Duration timeLimit) {
        var calls = new MpiCalls(library.constants());
        calls.initialize();
        var processes = new MpiCollective(calls, timeLimit);
        if (launch.size() != 0 && launch.size() != processes.size) {
            throw new MtlException(
                    "the launcher started %d processes, but %s sees %d: it is of another MPI; name the launcher's library in %s"
                            .formatted(
                                    launch.size(),
                                    library.file(),
                                    processes.size,
                                    MpiLibrary.VARIABLE));
        }
        processes.hosts =
                processes.allGather(calls.host().getBytes(StandardCharsets.UTF_8)).stream()
                        .map(host -> new String(host, StandardCharsets.UTF_8))
                        .toList();
        return processes;
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
        return "process " + other + (hosts.isEmpty() ? "" : " (" + hosts.get(other) + ")");
    }

    @Override
    public boolean isOneMachine() {
        return hosts.stream().distinct().count() <= 1;
    }

    /** Something that takes time; memory of its requests ends with it. */
    private interface Operation {
        void run(Arena arena, MemorySegment flag);
    }

    private synchronized void run(Operation operation) {
        if (failed || pending) {
            throw new CollectiveException("the training has failed already");
        }
        pending = true;
        try (var arena = Arena.ofConfined()) {
            operation.run(arena, arena.allocate(ValueLayout.JAVA_INT));
        }
        pending = false;
    }

    @Override
    public void sumInOrder(List<ByteBuffer> buckets, Addends own) {
        run(
                (arena, flag) -> {
                    var sum = new OrderedSum(mpi, rank, size, buckets, own, arena, flag);
                    await("the sum of gradients", flag, sum::advance, isComputing(buckets, own));
                });
    }

    @Override
    public void sum(List<ByteBuffer> buckets, Addends own) {
        run(
                (arena, flag) -> {
                    var sum = new AllReduce(mpi, buckets, own, arena, flag);
                    await("the sum of gradients", flag, sum::advance, isComputing(buckets, own));
                });
    }

    /** Whether values of this process are still to come. */
    private static BooleanSupplier isComputing(List<ByteBuffer> buckets, Addends own) {
        return () -> !buckets.isEmpty() && !own.isReady(buckets.size() - 1);
    }

    @Override
    public void broadcast(List<ByteBuffer> buckets) {
        share(buckets, Collections.nCopies(buckets.size(), 0));
    }

    @Override
    public void share(List<ByteBuffer> buffers, List<Integer> owners) {
        forEach(
                "the weights",
                buffers,
                (i, memory, request) -> mpi.broadcast(memory, owners.get(i), request));
    }

    /** Begins a request on a buffer. */
    private interface Begin {
        void begin(int index, MemorySegment memory, MemorySegment request);
    }

    private void forEach(String what, List<ByteBuffer> buckets, Begin begin) {
        run(
                (arena, flag) -> {
                    var open = new ArrayList<MemorySegment>();
                    for (int i = 0; i < buckets.size(); i++) {
                        var request = arena.allocate(MpiCalls.REQUEST_BYTES, 8);
                        begin.begin(i, MemorySegment.ofBuffer(buckets.get(i)), request);
                        open.add(request);
                    }
                    await(
                            what,
                            flag,
                            () -> {
                                open.removeIf(request -> mpi.test(request, flag));
                                return open.isEmpty();
                            });
                });
    }

    @Override
    public void exchange(List<ByteBuffer> sent, List<ByteBuffer> received) {
        var buffers = new ArrayList<>(received);
        buffers.addAll(sent);
        buffers.remove(size + rank);
        buffers.remove(rank);
        forEach(
                "the sum of gradients",
                buffers,
                (i, memory, request) -> {
                    int place = i % (size - 1);
                    int other = place < rank ? place : place + 1;
                    if (i < size - 1) {
                        mpi.receive(memory, other, EXCHANGE_TAG, request);
                    } else {
                        mpi.send(memory, other, EXCHANGE_TAG, request);
                    }
                });
    }

    @Override
    public List<byte[]> allGather(byte[] own) {
        var all = new ArrayList<byte[]>();
        run(
                (arena, flag) -> {
                    var request = arena.allocate(MpiCalls.REQUEST_BYTES, 8);
                    var length = arena.allocateFrom(ValueLayout.JAVA_INT, own.length);
                    var lengths = arena.allocate(ValueLayout.JAVA_INT, size);
                    mpi.gatherInts(length, lengths, request);
                    await("an answer", flag, () -> mpi.test(request, flag));
                    var counts = lengths.toArray(ValueLayout.JAVA_INT);
                    var starts = new int[size];
                    for (int i = 1; i < size; i++) {
                        starts[i] = Math.addExact(starts[i - 1], counts[i - 1]);
                    }
                    var text = arena.allocateFrom(ValueLayout.JAVA_BYTE, own);
                    var texts = arena.allocate(Arrays.stream(counts).asLongStream().sum() + 1);
                    mpi.gather(
                            text,
                            texts,
                            lengths,
                            arena.allocateFrom(ValueLayout.JAVA_INT, starts),
                            request);
                    await("an answer", flag, () -> mpi.test(request, flag));
                    for (int i = 0; i < size; i++) {
                        all.add(texts.asSlice(starts[i], counts[i]).toArray(ValueLayout.JAVA_BYTE));
                    }
                });
        return all;
    }

    @Override
    public List<byte[]> gather(byte[] own) {
        var sizes =
                allGather(ByteBuffer.allocate(Integer.BYTES).putInt(own.length).array()).stream()
                        .mapToInt(bytes -> ByteBuffer.wrap(bytes).getInt())
                        .toArray();
        var all = new ArrayList<byte[]>();
        run(
                (arena, flag) -> {
                    var request = arena.allocate(MpiCalls.REQUEST_BYTES, 8);
                    if (rank > 0) {
                        var bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, own);
                        mpi.send(bytes, 0, GATHER_TAG, request);
                        await("process 0", flag, () -> mpi.test(request, flag));
                        return;
                    }
                    all.add(own);
                    for (int i = 1; i < size; i++) {
                        var bytes = arena.allocate(sizes[i]);
                        mpi.receive(bytes, i, GATHER_TAG, request);
                        await("an answer", flag, () -> mpi.test(request, flag));
                        all.add(bytes.toArray(ValueLayout.JAVA_BYTE));
                    }
                });
        return all;
    }

    /**
     * Asks until the answer is yes.
     *
     * @throws CollectiveException if another process fails, or the time limit passes
     */
    private void await(String what, MemorySegment flag, BooleanSupplier done) {
        await(what, flag, done, () -> false);
    }

    /**
     * The same.
     *
     * @param computing whether this process needs its cores for something else
     */
    private void await(
            String what, MemorySegment flag, BooleanSupplier done, BooleanSupplier computing) {
        long begun = System.nanoTime();
        long checked = begun;
        for (int asked = 0; !done.getAsBoolean(); asked++) {
            if (asked < BUSY) {
                Thread.onSpinWait();
                continue;
            }
            LockSupport.parkNanos(computing.getAsBoolean() ? LONG_PAUSE_NANOS : PAUSE_NANOS);
            long now = System.nanoTime();
            if (now - checked > FAILURE_CHECK_NANOS) {
                checked = now;
                if (mpi.probe(FAILURE_TAG, flag)) {
                    failed = true;
                    throw new CollectiveException(failure(flag));
                }
                if (now - begun > timeLimitNanos) {
                    failed = true;
                    throw new CollectiveException(
                            "%s has waited %d s for %s: another process is dead or cannot be reached; %s sets another time limit, in seconds"
                                    .formatted(
                                            name(rank),
                                            Duration.ofNanos(timeLimitNanos).toSeconds(),
                                            what,
                                            MpiProvider.TIME_LIMIT));
                }
            }
        }
    }

    private String failure(MemorySegment flag) {
        try (var arena = Arena.ofConfined()) {
            var text = arena.allocate(FAILURE_BYTES);
            var request = arena.allocate(MpiCalls.REQUEST_BYTES, 8);
            mpi.receiveFromAny(text, FAILURE_TAG, request);
            while (!mpi.test(request, flag)) { // it has arrived
                Thread.onSpinWait();
            }
            return text.getString(0);
        }
    }

    /** Nothing is sent while buffers are under way: their memory is being freed. */
    @Override
    public synchronized void fail(String reason) {
        if (failed || pending) {
            return;
        }
        failed = true;
        var bytes = (name(rank) + " failed: " + reason).getBytes(StandardCharsets.UTF_8);
        try (var arena = Arena.ofConfined()) {
            var text = arena.allocate(FAILURE_BYTES);
            int length = Math.min(bytes.length, FAILURE_BYTES - 1);
            MemorySegment.copy(bytes, 0, text, ValueLayout.JAVA_BYTE, 0, length);
            var flag = arena.allocate(ValueLayout.JAVA_INT);
            IntStream.range(0, size)
                    .filter(other -> other != rank)
                    .forEach(
                            other -> {
                                var request = arena.allocate(MpiCalls.REQUEST_BYTES, 8);
                                mpi.send(text, other, FAILURE_TAG, request);
                                mpi.test(request, flag);
                            });
        }
    }

    /**
     * Ends MPI. After a failure it cannot be ended; the launcher ends all processes when the first
     * one exits, so the others leave that to process 0, which may be writing a checkpoint.
     */
    @Override
    public void close() {
        if (failed || pending) {
            if (rank != 0) {
                try {
                    Thread.sleep(LAST_CHECKPOINT);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return;
        }
        run(
                (arena, flag) -> {
                    var request = arena.allocate(MpiCalls.REQUEST_BYTES, 8);
                    mpi.barrier(request);
                    await("the end of training", flag, () -> mpi.test(request, flag));
                });
        mpi.finish();
    }
}
