package dev.mtl.core.inference;

import dev.mtl.core.inference.Call.Entry;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** The rows that wait for a thread. Guarded by the queue's lock. */
final class QueuedRows<K, T> {
    /** In the order of arrival. */
    private final LinkedHashSet<Call<K, T>> calls = new LinkedHashSet<>();

    /** By kind: the longest first, rows of equal lengths in the order of arrival. */
    private final Map<K, TreeSet<Entry<K, T>>> byLength = new HashMap<>();

    private long tokens;

    boolean isEmpty() {
        return tokens == 0;
    }

    /** Tokens of all rows. */
    long tokens() {
        return tokens;
    }

    void add(Call<K, T> call) {
        calls.addLast(call);
        for (var entry : call.entries()) {
            byLength.computeIfAbsent(entry.row.kind(), _ -> new TreeSet<>(order())).add(entry);
            tokens += entry.tokens();
        }
    }

    private static <K, T> Comparator<Entry<K, T>> order() {
        return Comparator.comparingInt((Entry<K, T> entry) -> -entry.tokens())
                .thenComparingLong(entry -> entry.sequence);
    }

    /** Removes what is left of a call. */
    void remove(Call<K, T> call) {
        if (calls.remove(call)) {
            for (var entry = call.head(); entry != null; entry = call.head()) {
                remove(entry);
            }
        }
    }

    private void remove(Entry<K, T> entry) {
        entry.queued = false;
        tokens -= entry.tokens();
        var kind = entry.row.kind();
        var same = Objects.requireNonNull(byLength.get(kind));
        same.remove(entry);
        if (same.isEmpty()) {
            byLength.remove(kind);
        }
    }

    /**
     * Removes the next batch: the longest row of the oldest call, and the rows of its kind that are
     * nearest in length.
     *
     * @param batchTokens of a batch at most
     * @param padding how many times as many it may have with its padding, if calls share it
     * @param freeThreads that share what is queued
     */
    List<Entry<K, T>> take(int batchTokens, int padding, int freeThreads) {
        var oldest = calls.getFirst();
        var first = Objects.requireNonNull(oldest.head());
        boolean alone = calls.size() == 1;
        long budget = alone ? oldest.batchTokens() : share(batchTokens, freeThreads);
        var batch = nearest(first, budget, alone ? budget : padding * budget);
        batch.sort(order());
        for (var entry : batch) {
            remove(entry);
            if (entry.call.head() == null) {
                calls.remove(entry.call);
            }
        }
        return batch;
    }

    /** Tokens of a batch that leaves enough for the other free threads. */
    private long share(int batchTokens, int freeThreads) {
        return freeThreads == 1
                ? batchTokens
                : Math.min(batchTokens, Math.max(1, Math.ceilDiv(tokens, freeThreads)));
    }

    private List<Entry<K, T>> nearest(Entry<K, T> first, long budget, long paddedBudget) {
        var same = Objects.requireNonNull(byLength.get(first.row.kind()));
        var shorter = same.tailSet(first, false).iterator();
        var longer = same.headSet(first, false).descendingIterator();
        var nextShorter = next(shorter);
        var nextLonger = next(longer);
        var batch = new ArrayList<Entry<K, T>>();
        batch.add(first);
        long sum = first.tokens();
        long longest = Math.max(1, first.tokens());
        while (nextShorter != null || nextLonger != null) {
            long rows = batch.size() + 1L;
            boolean takesShorter =
                    nextShorter != null
                            && (nextLonger == null
                                    || longest - nextShorter.tokens()
                                            <= (nextLonger.tokens() - longest) * rows);
            var next = Objects.requireNonNull(takesShorter ? nextShorter : nextLonger);
            long padded = Math.max(longest, next.tokens());
            if (sum + next.tokens() > budget || padded * rows > paddedBudget) {
                break;
            }
            batch.add(next);
            sum += next.tokens();
            longest = padded;
            if (takesShorter) {
                nextShorter = next(shorter);
            } else {
                nextLonger = next(longer);
            }
        }
        return batch;
    }

    private static <E> @Nullable E next(Iterator<E> entries) {
        return entries.hasNext() ? entries.next() : null;
    }
}
