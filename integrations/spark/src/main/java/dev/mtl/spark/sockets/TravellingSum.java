package dev.mtl.spark.sockets;

import dev.mtl.train.collective.Collective.Addends;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntPredicate;

/** A sum that goes along a row of processes, and back as the total; buckets in their order. */
final class TravellingSum {
    private final @Nullable Link before;
    private final @Nullable Link after;
    private final List<ByteBuffer> buckets;
    private final IntPredicate keep;
    private final Addends own;
    private int kept;
    private int arrived;
    private int sums;
    private int totals;

    /**
     * A sum of which nothing has moved.
     *
     * @param before null for the first process
     * @param after null for the last process
     * @param keep called before a bucket is overwritten; false if it cannot be yet
     * @param own added to what arrives
     */
    TravellingSum(
            @Nullable Link before,
            @Nullable Link after,
            List<ByteBuffer> buckets,
            IntPredicate keep,
            Addends own) {
        this.before = before;
        this.after = after;
        this.buckets = buckets;
        this.keep = keep;
        this.own = own;
    }

    /** Moves what can be moved; returns whether all buckets have come and gone. */
    boolean advance() {
        boolean moved;
        do {
            moved = sumMoves();
            moved |= totalMoves();
            flush(before);
            flush(after);
        } while (moved);
        return sums == buckets.size() && (after == null || totals == buckets.size());
    }

    private static void flush(@Nullable Link link) {
        if (link != null) {
            link.flush();
        }
    }

    /** Whether the next bucket has not moved because this process has no values for it. */
    boolean waitsForThisProcess() {
        return sums < buckets.size() && (kept == sums || arrived > sums);
    }

    private boolean sumMoves() {
        if (sums == buckets.size()) {
            return false;
        }
        var bucket = buckets.get(sums);
        if (kept == sums && keep.test(sums)) {
            kept++;
        }
        boolean canArrive = kept > sums && arrived == sums;
        if (canArrive && (before == null || before.receive(bucket) != null)) {
            arrived++;
        }
        if (arrived == sums || !own.isReady(sums)) {
            return false;
        }
        own.addTo(sums++);
        var next = after == null ? before : after;
        if (next != null) {
            next.send(bucket);
        }
        return true;
    }

    private boolean totalMoves() {
        if (after == null || totals == sums || after.receive(buckets.get(totals)) == null) {
            return false;
        }
        var total = buckets.get(totals++);
        if (before != null) {
            before.send(total);
        }
        return true;
    }
}
