package dev.mtl.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.InferenceTimeoutException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.LengthBuckets;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

@Timeout(60)
class BatchQueueTest {
    /** A value that is doubled. */
    private static final class Value {
        final int in;
        int out;

        Value(int in) {
            this.in = in;
        }
    }

    private final List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());

    /** Batches wait for permits while there are fewer than this. */
    private final Semaphore permits = new Semaphore(Integer.MAX_VALUE);

    private void pass(String kind, List<Value> values) {
        permits.acquireUninterruptibly();
        batches.add(values.stream().map(value -> value.in).toList());
        for (var value : values) {
            if (value.in < 0) {
                throw new MtlException("negative");
            }
            value.out = 2 * value.in;
        }
    }

    private BatchQueue<String, Value> queue(
            int threads, int batchTokens, long maxQueued, @Nullable Duration timeout) {
        return queue(threads, batchTokens, 1, maxQueued, timeout);
    }

    private BatchQueue<String, Value> queue(
            int threads, int batchTokens, int padding, long maxQueued, @Nullable Duration timeout) {
        return new BatchQueue<>(
                new BatchQueue.Settings(
                        "test", threads, batchTokens, padding, 8, maxQueued, timeout),
                this::pass);
    }

    private static Row<String, Value> row(int tokens) {
        return new Row<>("a", tokens, new Value(tokens));
    }

    private static List<Row<String, Value>> rows(int... tokens) {
        return IntStream.of(tokens).mapToObj(BatchQueueTest::row).toList();
    }

    private void block() {
        permits.drainPermits();
    }

    private void unblock() {
        permits.release(Integer.MAX_VALUE / 2);
    }

    private static void awaitQueued(BatchQueue<String, Value> queue, long tokens)
            throws InterruptedException {
        while (queue.queuedTokens() != tokens) {
            Thread.sleep(1);
        }
    }

    /** Runs one call on a thread that the caller joins. */
    private static Thread call(
            BatchQueue<String, Value> queue,
            List<Row<String, Value>> rows,
            AtomicReference<Throwable> failure) {
        return Thread.startVirtualThread(
                () -> failure.set(catchThrowable(() -> queue.process(rows))));
    }

    @Test
    void computesEveryRowOfEveryCaller() throws InterruptedException {
        var calls = new ArrayList<List<Row<String, Value>>>();
        var random = new Random(1);
        for (int i = 0; i < 200; i++) {
            calls.add(rows(random.ints(1 + random.nextInt(20), 1, 60).toArray()));
        }
        try (var queue = queue(3, 128, Long.MAX_VALUE, null)) {
            var threads =
                    calls.stream()
                            .map(rows -> Thread.startVirtualThread(() -> queue.process(rows)))
                            .toList();
            for (var thread : threads) {
                thread.join();
            }
            assertThat(queue.queuedTokens()).isZero();
        }
        assertThat(calls.stream().flatMap(List::stream))
                .allMatch(row -> row.value().out == 2 * row.value().in);
    }

    @Test
    void theBatchesOfACallAloneAreThoseOfItsLengthsWithAnyNumberOfThreads() {
        var lengths = new Random(2).ints(300, 1, 90).toArray();
        var planned =
                LengthBuckets.plan(lengths, 256, 8).stream()
                        .map(batch -> Arrays.stream(batch).mapToObj(i -> lengths[i]).toList())
                        .toList();
        for (int threads : new int[] {1, 2, 5}) {
            batches.clear();
            try (var queue = queue(threads, 256, Long.MAX_VALUE, null)) {
                queue.process(rows(lengths));
            }
            assertThat(batches)
                    .as(threads + " threads")
                    .containsExactlyInAnyOrderElementsOf(planned);
        }
    }

    @Test
    void waitingCallsShareABatchOfSimilarLengths() throws InterruptedException {
        batchesOfWaitingCalls(1);
        // The oldest first, with those nearest in length: within 60 tokens, padding included.
        assertThat(batches)
                .containsExactly(List.of(50), List.of(50), List.of(11, 10, 9), List.of(30, 29));
    }

    @Test
    void paddingCountsLessWhereItIsNotComputed() throws InterruptedException {
        batchesOfWaitingCalls(3);
        // Within 60 tokens, and within 180 with padding.
        assertThat(batches)
                .containsExactly(List.of(50), List.of(50), List.of(29, 11, 10, 9), List.of(30));
    }

    /** Two rows of 50 tokens run while five callers come, with a row each. */
    private void batchesOfWaitingCalls(int padding) throws InterruptedException {
        var none = new AtomicReference<Throwable>();
        block();
        try (var queue = queue(1, 60, padding, Long.MAX_VALUE, null)) {
            var threads = new ArrayList<Thread>();
            threads.add(call(queue, rows(50, 50), none));
            awaitQueued(queue, 50);
            for (int tokens : new int[] {9, 30, 10, 29, 11}) {
                long before = queue.queuedTokens();
                threads.add(call(queue, rows(tokens), none));
                awaitQueued(queue, before + tokens);
            }
            unblock();
            for (var thread : threads) {
                thread.join();
            }
        }
        assertThat(none.get()).isNull();
    }

    @Test
    void rowsOfDifferentKindsDoNotShareABatch() {
        var rows =
                List.of(
                        new Row<>("a", 5, new Value(1)),
                        new Row<>("b", 5, new Value(2)),
                        new Row<>("a", 5, new Value(3)));
        try (var queue = queue(1, 8 * 3 * 5, Long.MAX_VALUE, null)) {
            queue.process(rows);
        }
        assertThat(batches).allMatch(batch -> !batch.contains(2) || batch.size() == 1);
    }

    @Test
    void aFailingRowOfOneCallerDoesNotFailAnothers() throws InterruptedException {
        var good = new AtomicReference<Throwable>();
        var bad = new AtomicReference<Throwable>();
        var goodRows = rows(10);
        block();
        try (var queue = queue(1, 1000, Long.MAX_VALUE, null)) {
            var first = call(queue, rows(7, 7), new AtomicReference<>());
            awaitQueued(queue, 7);
            var second = call(queue, goodRows, good);
            awaitQueued(queue, 17);
            var third = call(queue, List.of(new Row<>("a", 10, new Value(-1))), bad);
            awaitQueued(queue, 27);
            unblock();
            first.join();
            second.join();
            third.join();
        }
        assertThat(batches).anySatisfy(batch -> assertThat(batch).contains(10, -1));
        assertThat(good.get()).isNull();
        assertThat(goodRows.getFirst().value().out).isEqualTo(20);
        assertThat(bad.get()).isInstanceOf(MtlException.class).hasMessage("negative");
    }

    @Test
    void aCallWaitsWhileTheQueueIsFullAndThenIsTooLate() throws InterruptedException {
        block();
        try (var queue = queue(1, 100, 100, Duration.ofMillis(200))) {
            var running = new AtomicReference<Throwable>();
            var queued = new AtomicReference<Throwable>();
            var first = call(queue, rows(100), running);
            while (permits.getQueueLength() == 0) {
                Thread.sleep(1);
            }
            var second = call(queue, rows(90), queued);
            awaitQueued(queue, 90);

            assertThatThrownBy(() -> queue.process(rows(20)))
                    .isInstanceOf(InferenceTimeoutException.class)
                    .hasMessageContaining("200 ms");
            first.join();
            second.join();
            assertThat(running.get()).isInstanceOf(InferenceTimeoutException.class);
            assertThat(queued.get()).isInstanceOf(InferenceTimeoutException.class);
            assertThat(queue.queuedTokens()).isZero();
            unblock();
            queue.process(rows(5));
        }
        assertThat(batches).containsExactly(List.of(100), List.of(5));
    }

    @Test
    void aCallThatIsLargerThanTheQueueRunsAlone() {
        try (var queue = queue(2, 100, 10, null)) {
            var rows = rows(40, 40, 40);
            queue.process(rows);
            assertThat(rows).allMatch(row -> row.value().out == 80);
        }
    }

    @Test
    void anInterruptedCallLeavesTheQueueAndStaysInterrupted() throws InterruptedException {
        block();
        try (var queue = queue(1, 10, Long.MAX_VALUE, null)) {
            var running = call(queue, rows(10), new AtomicReference<>());
            while (permits.getQueueLength() == 0) {
                Thread.sleep(1);
            }
            var failure = new AtomicReference<Throwable>();
            var stillInterrupted = new CountDownLatch(1);
            var waiting =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        failure.set(
                                                catchThrowable(() -> queue.process(rows(9, 9))));
                                        if (Thread.currentThread().isInterrupted()) {
                                            stillInterrupted.countDown();
                                        }
                                    });
            awaitQueued(queue, 18);
            waiting.interrupt();
            waiting.join();
            assertThat(failure.get())
                    .isInstanceOf(MtlException.class)
                    .hasMessageContaining("interrupted")
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(stillInterrupted.getCount()).isZero();
            assertThat(queue.queuedTokens()).isZero();
            unblock();
            running.join();
        }
        assertThat(batches).containsExactly(List.of(10));
    }

    @Test
    void closingAnswersQueuedCallsAndRefusesLaterOnes() throws InterruptedException {
        block();
        var queue = queue(1, 10, Long.MAX_VALUE, null);
        var failures = List.of(new AtomicReference<Throwable>(), new AtomicReference<Throwable>());
        var rows = rows(9);
        var running = call(queue, rows(10), failures.get(0));
        while (permits.getQueueLength() == 0) {
            Thread.sleep(1);
        }
        var waiting = call(queue, rows, failures.get(1));
        awaitQueued(queue, 9);
        var closing = Thread.ofPlatform().start(queue::close);
        while (catchThrowable(() -> queue.process(List.of())) == null) {
            Thread.sleep(1);
        }
        assertThatThrownBy(() -> queue.process(rows(1)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("this test is closed");
        unblock();
        closing.join();
        running.join();
        waiting.join();
        assertThat(failures).allMatch(failure -> failure.get() == null);
        assertThat(rows.getFirst().value().out).isEqualTo(18);
    }
}
