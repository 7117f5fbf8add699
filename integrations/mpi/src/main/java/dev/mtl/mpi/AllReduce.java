package dev.mtl.mpi;

import dev.mtl.train.collective.Collective.Addends;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * MPI's all-reduce of each bucket, begun as soon as this process has its values, in the order of
 * the buckets: collective calls must come in the same order in all processes.
 */
final class AllReduce {
    private final MpiCalls mpi;
    private final List<ByteBuffer> buckets;
    private final Addends own;
    private final Arena arena;
    private final MemorySegment flag;
    private final Deque<MemorySegment> open = new ArrayDeque<>();
    private int begun;

    /**
     * A sum of which nothing has begun.
     *
     * @param arena takes the requests, until the sum is done
     * @param flag an int of memory
     */
    AllReduce(
            MpiCalls mpi, List<ByteBuffer> buckets, Addends own, Arena arena, MemorySegment flag) {
        this.mpi = mpi;
        this.buckets = buckets;
        this.own = own;
        this.arena = arena;
        this.flag = flag;
    }

    /**
     * Begins what can begin.
     *
     * @return whether all are done
     */
    boolean advance() {
        while (begun < buckets.size() && own.isReady(begun)) {
            own.addTo(begun);
            var request = arena.allocate(MpiCalls.REQUEST_BYTES, 8);
            mpi.sum(MemorySegment.ofBuffer(buckets.get(begun)), request);
            open.add(request);
            begun++;
            isDone(); // lets MPI send what has begun
        }
        return isDone() && begun == buckets.size();
    }

    /** Whether all that have begun are done. A question about one lets all of them go on. */
    private boolean isDone() {
        while (!open.isEmpty() && mpi.test(open.getFirst(), flag)) {
            open.removeFirst();
        }
        return open.isEmpty();
    }
}
