package dev.mtl.core.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Groups sequences of similar length, so that little is padding. */
public final class LengthBuckets {
    private LengthBuckets() {}

    /**
     * Batches of indices, the longest sequences first.
     *
     * @param lengths of the sequences, in tokens
     * @param batchTokens how many tokens a batch holds at most, padding included; a longer sequence
     *     is alone
     * @param workers how many batches run at once: few sequences are spread over all of them
     */
    public static List<int[]> plan(int[] lengths, int batchTokens, int workers) {
        var order =
                IntStream.range(0, lengths.length)
                        .boxed()
                        .sorted(Comparator.comparingInt((Integer i) -> -lengths[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        long total = IntStream.of(lengths).asLongStream().sum();
        long budget = Math.min(batchTokens, Math.max(1, Math.ceilDiv(total, workers)));
        var batches = new ArrayList<int[]>();
        for (int start = 0; start < order.length; ) {
            long longest = Math.max(1, lengths[order[start]]);
            int rows = (int) Math.min(order.length - start, Math.max(1, budget / longest));
            batches.add(java.util.Arrays.copyOfRange(order, start, start + rows));
            start += rows;
        }
        return batches;
    }
}
