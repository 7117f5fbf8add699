package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

class PartitionRowsTest {
    private static final int[] TEXT = {1};

    private static Iterator<Row> rows(int count, String text, AtomicInteger read) {
        return IntStream.range(0, count)
                .mapToObj(
                        i -> {
                            read.incrementAndGet();
                            return RowFactory.create(i, i % 5 == 3 ? null : text + i);
                        })
                .iterator();
    }

    private static List<Object[]> lengths(List<List<String>> examples) {
        return examples.stream().map(texts -> new Object[] {texts.getFirst().length()}).toList();
    }

    @Test
    void keepsTheOrderAndNullRows() {
        try (var added =
                new PartitionRows(
                        rows(5000, "x", new AtomicInteger()),
                        TEXT,
                        3,
                        PartitionRowsTest::lengths,
                        2)) {
            for (int i = 0; i < 5000; i++) {
                var row = added.next();
                assertThat(row.getInt(0)).isEqualTo(i);
                assertThat(row.get(2)).isEqualTo(i % 5 == 3 ? null : ("x" + i).length());
            }
            assertThat(added.hasNext()).isFalse();
        }
    }

    @Test
    void readsNoMoreThanThreeGroupsAhead() {
        var read = new AtomicInteger();
        try (var added =
                new PartitionRows(
                        rows(1 << 20, "text ", read), TEXT, 3, PartitionRowsTest::lengths, 1)) {
            added.next();
            assertThat(read.get()).isLessThan(64 + 128 + 128);
            int most = 0;
            for (int given = 1; given < 50_000; given++) {
                added.next();
                most = Math.max(most, read.get() - given);
            }
            assertThat(most).isLessThanOrEqualTo(3 * 1024 + 1);
        }
    }

    @Test
    void longTextsMakeSmallGroups() {
        var sizes = new ArrayList<Integer>();
        try (var added =
                new PartitionRows(
                        rows(100, "long ".repeat(20_000), new AtomicInteger()),
                        TEXT,
                        3,
                        examples -> {
                            sizes.add(examples.size());
                            return lengths(examples);
                        },
                        1)) {
            while (added.hasNext()) {
                added.next();
            }
        }
        assertThat(sizes).allMatch(size -> size <= 3);
    }

    @Test
    void passesOnWhatTheModelThrows() {
        try (var added =
                new PartitionRows(
                        rows(10, "x", new AtomicInteger()),
                        TEXT,
                        3,
                        _ -> {
                            throw new MtlException("out of memory");
                        },
                        1)) {
            assertThatThrownBy(added::next)
                    .isInstanceOf(MtlException.class)
                    .hasMessage("out of memory");
        }
    }

    @Test
    void aKilledTaskInterruptsTheModel() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        var outcome = new AtomicReference<Throwable>();
        var added =
                new PartitionRows(
                        rows(10, "x", new AtomicInteger()),
                        TEXT,
                        3,
                        examples -> {
                            begun.countDown();
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                            }
                            return lengths(examples);
                        },
                        1);
        var task =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        added.next();
                                    } catch (MtlException e) {
                                        outcome.set(e);
                                    } finally {
                                        added.close(); // as Spark does at the end of a task
                                    }
                                });
        begun.await();
        task.interrupt();
        task.join();
        interrupted.await();

        assertThat(outcome.get()).hasMessageContaining("was interrupted");
    }
}
