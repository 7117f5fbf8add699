package dev.mtl.mpi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * The values of an implementation's names. Those of the standard ABI are in MPI 5.0, appendix A;
 * those of the others in their {@code mpi.h}.
 *
 * @param world {@code MPI_COMM_WORLD}
 * @param bytes {@code MPI_BYTE}
 * @param ints {@code MPI_INT}
 * @param floats {@code MPI_FLOAT}
 * @param sum {@code MPI_SUM}
 * @param errorsReturn {@code MPI_ERRORS_RETURN}
 * @param inPlace {@code MPI_IN_PLACE}
 * @param ignoredStatus {@code MPI_STATUS_IGNORE}
 * @param anySource {@code MPI_ANY_SOURCE}
 * @param serialized {@code MPI_THREAD_SERIALIZED}
 */
record MpiConstants(
        MemorySegment world,
        MemorySegment bytes,
        MemorySegment ints,
        MemorySegment floats,
        MemorySegment sum,
        MemorySegment errorsReturn,
        MemorySegment inPlace,
        MemorySegment ignoredStatus,
        int anySource,
        int serialized) {
    private static MemorySegment handle(long value) {
        return MemorySegment.ofAddress(value);
    }

    /** MPI 5's standard ABI, {@code libmpi_abi}. */
    static MpiConstants standard() {
        return new MpiConstants(
                handle(0x101),
                handle(0x247),
                handle(0x209),
                handle(0x210),
                handle(0x21),
                handle(0x142),
                handle(1),
                handle(0),
                -1,
                2048);
    }

    /** Open MPI 4 and 5: handles are the addresses of variables. */
    static MpiConstants openMpi(SymbolLookup symbols) {
        return new MpiConstants(
                symbols.findOrThrow("ompi_mpi_comm_world"),
                symbols.findOrThrow("ompi_mpi_byte"),
                symbols.findOrThrow("ompi_mpi_int"),
                symbols.findOrThrow("ompi_mpi_float"),
                symbols.findOrThrow("ompi_mpi_op_sum"),
                symbols.findOrThrow("ompi_mpi_errors_return"),
                handle(1),
                handle(0),
                -1,
                2);
    }

    /** MPICH and its descendants, whose handles are ints. */
    static MpiConstants mpich() {
        return new MpiConstants(
                handle(0x44000000),
                handle(0x4c00010d),
                handle(0x4c000405),
                handle(0x4c00040a),
                handle(0x58000003),
                handle(0x54000001),
                handle(-1),
                handle(1),
                -2,
                2);
    }
}
