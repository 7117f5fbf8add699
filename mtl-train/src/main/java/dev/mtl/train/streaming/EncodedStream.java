package dev.mtl.train.streaming;

import dev.mtl.core.MtlException;
import dev.mtl.train.loading.TokenizedExample;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The rows of a pass, encoded ahead of training: one thread reads, others encode, and what is
 * encoded waits in a queue that keeps them from running further ahead. The order is that of the
 * rows, whatever the number of threads.
 */
final class EncodedStream implements AutoCloseable {
    /** Rows that are encoded together. */
    static final int CHUNK = 64;

    /** Chunks that wait. */
    static final int AHEAD = 8;

    private final BlockingQueue<Future<Chunk>> queue = new ArrayBlockingQueue<>(AHEAD);
    private final ExecutorService encoders;
    private final Thread reader;
    private Chunk chunk = new Chunk(List.of(), false);
    private int next;

    /**
     * Rows that were encoded together.
     *
     * @param last whether no more follow
     */
    private record Chunk(List<List<TokenizedExample>> rows, boolean last) {}

    /**
     * Begins to read and encode.
     *
     * @param rows called by one thread; null when there are no more
     * @param encode a row's examples: none if it is left out, several if its text is divided; null
     *     if the row does not count. Called by several threads
     * @param closeRows called when nothing is read any more
     */
    EncodedStream(
            Supplier<RowStream.@Nullable Numbered> rows,
            Function<RowStream.Numbered, @Nullable List<TokenizedExample>> encode,
            Runnable closeRows,
            int threads) {
        encoders =
                Executors.newFixedThreadPool(
                        threads, Thread.ofPlatform().name("mtl-encode-", 0).daemon().factory());
        reader =
                Thread.ofPlatform()
                        .name("mtl-read")
                        .daemon()
                        .start(() -> readAll(rows, encode, closeRows));
    }

    private void readAll(
            Supplier<RowStream.@Nullable Numbered> rows,
            Function<RowStream.Numbered, @Nullable List<TokenizedExample>> encode,
            Runnable closeRows) {
        try {
            try {
                boolean more = true;
                while (more) {
                    var read = new ArrayList<RowStream.Numbered>(CHUNK);
                    while (more && read.size() < CHUNK) {
                        var row = rows.get();
                        more = row != null;
                        if (row != null) {
                            read.add(row);
                        }
                    }
                    queue.put(encoders.submit(() -> encode(read, encode)));
                }
                queue.put(CompletableFuture.completedFuture(new Chunk(List.of(), true)));
            } catch (RuntimeException | Error e) {
                queue.put(CompletableFuture.failedFuture(e));
            } finally {
                closeRows.run();
            }
        } catch (InterruptedException e) {
            // closed: nobody takes what is read
        }
    }

    private static Chunk encode(
            List<RowStream.Numbered> rows,
            Function<RowStream.Numbered, @Nullable List<TokenizedExample>> encode) {
        var encoded = new ArrayList<List<TokenizedExample>>(rows.size());
        for (var row : rows) {
            var examples = encode.apply(row);
            if (examples != null) {
                encoded.add(examples);
            }
        }
        return new Chunk(encoded, false);
    }

    /**
     * The next row's examples.
     *
     * @return null if there are no more rows
     * @throws MtlException what reading or encoding a row before it threw
     */
    @Nullable List<TokenizedExample> next() {
        while (next == chunk.rows().size()) {
            if (chunk.last()) {
                return null;
            }
            chunk = take();
            next = 0;
        }
        return chunk.rows().get(next++);
    }

    private Chunk take() {
        try {
            return queue.take().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MtlException("interrupted while waiting for training data", e);
        } catch (ExecutionException e) {
            throw switch (e.getCause()) {
                case RuntimeException known -> known;
                case Error error -> throw error;
                case null, default -> new IllegalStateException(e);
            };
        }
    }

    @Override
    public void close() {
        reader.interrupt();
        encoders.shutdownNow();
        boolean interrupted = false;
        while (reader.isAlive()) {
            queue.clear(); // it may wait for a place
            try {
                reader.join(Duration.ofMillis(10));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
