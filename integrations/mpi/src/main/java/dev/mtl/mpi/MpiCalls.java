package dev.mtl.mpi;

import dev.mtl.core.MtlException;
import dev.mtl.mpi.abi.MpiAbi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * MPI's functions on all processes, with errors as exceptions. Nothing waits here: what takes time
 * begins a request, whose eight bytes are in a segment of the caller.
 */
final class MpiCalls {
    /** Bytes of a request: a pointer or an int. */
    static final long REQUEST_BYTES = 8;

    private static final int TEXT_BYTES = 1024;

    private final MpiConstants constants;

    MpiCalls(MpiConstants constants) {
        this.constants = constants;
    }

    /**
     * Initializes MPI, so that one thread at a time may call it.
     *
     * @throws MtlException if it was before: it can be once in a process
     */
    void initialize() {
        try (var arena = Arena.ofConfined()) {
            var flag = arena.allocate(ValueLayout.JAVA_INT);
            check(MpiAbi.MPI_Initialized(flag), "MPI_Initialized");
            if (flag.get(ValueLayout.JAVA_INT, 0) != 0) {
                throw new MtlException(
                        "MPI is initialized in this process already: open the processes once, and"
                                + " keep them open for all trainings");
            }
            check(
                    MpiAbi.MPI_Init_thread(
                            MemorySegment.NULL, MemorySegment.NULL, constants.serialized(), flag),
                    "MPI_Init_thread");
            if (flag.get(ValueLayout.JAVA_INT, 0) < constants.serialized()) {
                throw new MtlException(
                        "this MPI was built without threads: training needs"
                                + " MPI_THREAD_SERIALIZED");
            }
            check(
                    MpiAbi.MPI_Comm_set_errhandler(constants.world(), constants.errorsReturn()),
                    "MPI_Comm_set_errhandler");
        }
    }

    void finish() {
        check(MpiAbi.MPI_Finalize(), "MPI_Finalize");
    }

    int rank() {
        try (var arena = Arena.ofConfined()) {
            var rank = arena.allocate(ValueLayout.JAVA_INT);
            check(MpiAbi.MPI_Comm_rank(constants.world(), rank), "MPI_Comm_rank");
            return rank.get(ValueLayout.JAVA_INT, 0);
        }
    }

    int size() {
        try (var arena = Arena.ofConfined()) {
            var size = arena.allocate(ValueLayout.JAVA_INT);
            check(MpiAbi.MPI_Comm_size(constants.world(), size), "MPI_Comm_size");
            return size.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** The name of this machine. */
    String host() {
        try (var arena = Arena.ofConfined()) {
            var name = arena.allocate(TEXT_BYTES);
            check(
                    MpiAbi.MPI_Get_processor_name(name, arena.allocate(ValueLayout.JAVA_INT)),
                    "MPI_Get_processor_name");
            return name.getString(0);
        }
    }

    void send(MemorySegment bytes, int to, int tag, MemorySegment request) {
        check(
                MpiAbi.MPI_Isend(
                        bytes,
                        count(bytes),
                        constants.bytes(),
                        to,
                        tag,
                        constants.world(),
                        request),
                "MPI_Isend");
    }

    void receive(MemorySegment bytes, int from, int tag, MemorySegment request) {
        check(
                MpiAbi.MPI_Irecv(
                        bytes,
                        count(bytes),
                        constants.bytes(),
                        from,
                        tag,
                        constants.world(),
                        request),
                "MPI_Irecv");
    }

    void receiveFromAny(MemorySegment bytes, int tag, MemorySegment request) {
        receive(bytes, constants.anySource(), tag, request);
    }

    /** Whether a request is done. */
    boolean test(MemorySegment request, MemorySegment flag) {
        check(MpiAbi.MPI_Test(request, flag, constants.ignoredStatus()), "MPI_Test");
        return flag.get(ValueLayout.JAVA_INT, 0) != 0;
    }

    /** Whether a message with a tag has arrived. */
    boolean probe(int tag, MemorySegment flag) {
        check(
                MpiAbi.MPI_Iprobe(
                        constants.anySource(),
                        tag,
                        constants.world(),
                        flag,
                        constants.ignoredStatus()),
                "MPI_Iprobe");
        return flag.get(ValueLayout.JAVA_INT, 0) != 0;
    }

    void broadcast(MemorySegment bytes, int source, MemorySegment request) {
        check(
                MpiAbi.MPI_Ibcast(
                        bytes, count(bytes), constants.bytes(), source, constants.world(), request),
                "MPI_Ibcast");
    }

    void sum(MemorySegment floats, MemorySegment request) {
        check(
                MpiAbi.MPI_Iallreduce(
                        constants.inPlace(),
                        floats,
                        count(floats) / Float.BYTES,
                        constants.floats(),
                        constants.sum(),
                        constants.world(),
                        request),
                "MPI_Iallreduce");
    }

    void gatherInts(MemorySegment own, MemorySegment all, MemorySegment request) {
        check(
                MpiAbi.MPI_Iallgather(
                        own,
                        1,
                        constants.ints(),
                        all,
                        1,
                        constants.ints(),
                        constants.world(),
                        request),
                "MPI_Iallgather");
    }

    void gather(
            MemorySegment own,
            MemorySegment all,
            MemorySegment counts,
            MemorySegment starts,
            MemorySegment request) {
        check(
                MpiAbi.MPI_Iallgatherv(
                        own,
                        count(own),
                        constants.bytes(),
                        all,
                        counts,
                        starts,
                        constants.bytes(),
                        constants.world(),
                        request),
                "MPI_Iallgatherv");
    }

    void barrier(MemorySegment request) {
        check(MpiAbi.MPI_Ibarrier(constants.world(), request), "MPI_Ibarrier");
    }

    private static int count(MemorySegment bytes) {
        return Math.toIntExact(bytes.byteSize());
    }

    private static void check(int code, String function) {
        if (code == 0) {
            return;
        }
        try (var arena = Arena.ofConfined()) {
            var text = arena.allocate(TEXT_BYTES);
            MpiAbi.MPI_Error_string(code, text, arena.allocate(ValueLayout.JAVA_INT));
            throw new MtlException(
                    function
                            + " failed: "
                            + text.getString(0)
                            + "; continue from the last checkpoint with --resume");
        }
    }
}
