package dev.mtl.mpi;

import dev.mtl.train.collective.Collective.Addends;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** A sum of buckets that travel from process to process, and back as the total. */
final class OrderedSum {
    private static final int FIRST_TAG = 16;

    private final MpiCalls mpi;
    private final int rank;
    private final int size;
    private final Addends own;
    private final MemorySegment flag;
    private final List<Travel> open = new ArrayList<>();

    /**
     * Begins to receive.
     *
     * @param own the values of this process
     * @param arena takes the requests, until the sum is done
     * @param flag an int of memory
     */
    OrderedSum(
            MpiCalls mpi,
            int rank,
            int size,
            List<ByteBuffer> buckets,
            Addends own,
            Arena arena,
            MemorySegment flag) {
        this.mpi = mpi;
        this.rank = rank;
        this.size = size;
        this.own = own;
        this.flag = flag;
        for (int i = 0; i < buckets.size(); i++) {
            var request = arena.allocate(MpiCalls.REQUEST_BYTES, 8);
            open.add(new Travel(i, MemorySegment.ofBuffer(buckets.get(i)), request));
        }
    }

    /**
     * Moves each bucket as far as it can go, and adds to one of them at most: sending goes on
     * between two additions only. Buckets come in their order, so of those that are to come the
     * first one alone is asked for: each question takes time.
     *
     * @return whether all are done
     */
    boolean advance() {
        boolean added;
        do {
            added = false;
            var missing = EnumSet.noneOf(State.class);
            for (var travel : open) {
                while (!missing.contains(travel.state) && travel.advance()) {}
                if (travel.state.isArrival()) {
                    missing.add(travel.state);
                }
                if (!added && travel.state == State.TO_ADD && own.isReady(travel.index)) {
                    own.addTo(travel.index);
                    travel.added();
                    added = true;
                }
            }
            open.removeIf(travel -> travel.state == State.DONE);
        } while (added);
        return open.isEmpty();
    }

    private enum State {
        PARTIAL_ARRIVES,
        TO_ADD,
        PARTIAL_LEAVES,
        TOTAL_ARRIVES,
        TOTAL_LEAVES,
        DONE;

        boolean isArrival() {
            return this == PARTIAL_ARRIVES || this == TOTAL_ARRIVES;
        }
    }

    /** The way of a bucket: from the process before this one to the next, and back as the total. */
    private final class Travel {
        private final int index;
        private final MemorySegment memory;
        private final MemorySegment request;
        private final int tag;
        private State state;

        Travel(int index, MemorySegment memory, MemorySegment request) {
            this.index = index;
            this.memory = memory;
            this.request = request;
            tag = FIRST_TAG + index % (1 << 14);
            state = rank == 0 ? State.TO_ADD : State.PARTIAL_ARRIVES;
            if (rank > 0) {
                mpi.receive(memory, rank - 1, tag, request);
            }
        }

        /** Takes the next step, if it can be taken. */
        boolean advance() {
            if (state == State.TO_ADD || state == State.DONE || !mpi.test(request, flag)) {
                return false;
            }
            switch (state) {
                case PARTIAL_ARRIVES -> state = State.TO_ADD;
                case PARTIAL_LEAVES -> {
                    mpi.receive(memory, rank + 1, tag, request);
                    state = State.TOTAL_ARRIVES;
                }
                case TOTAL_ARRIVES -> sendTotal();
                default -> state = State.DONE;
            }
            return true;
        }

        /** This process's values are in the bucket. */
        void added() {
            if (rank == size - 1) {
                sendTotal();
            } else {
                mpi.send(memory, rank + 1, tag, request);
                state = State.PARTIAL_LEAVES;
            }
        }

        private void sendTotal() {
            if (rank == 0) {
                state = State.DONE;
            } else {
                mpi.send(memory, rank - 1, tag, request);
                state = State.TOTAL_LEAVES;
            }
        }
    }
}
