package dev.mtl.mpi;

import dev.mtl.core.MtlException;
import dev.mtl.mpi.symbols.GlobalSymbols;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The MPI library of this machine.
 *
 * @param file as it was opened
 * @param constants of its implementation
 */
record MpiLibrary(String file, MpiConstants constants) {
    /** Names a library instead of those that are searched. */
    static final String VARIABLE = "MTL_MPI_LIBRARY";

    private static final String OPEN_MPI_SYMBOL = "ompi_mpi_comm_world";
    private static final int VERSION_BYTES = 8192;

    /**
     * Opens the library that fits a launcher: one with MPI 5's standard ABI, else Open MPI's or
     * MPICH's own.
     *
     * @param named by the user; null if none is
     * @throws MtlException if there is none
     */
    static MpiLibrary open(Launch.Family launcher, @Nullable String named) {
        var candidates = named == null ? candidates(launcher) : List.of(named);
        for (var file : candidates) {
            var symbols = GlobalSymbols.probe(file);
            if (symbols.isPresent() && (named != null || isOf(launcher, version(symbols.get())))) {
                GlobalSymbols.open(file);
                return new MpiLibrary(file, constants(file, symbols.get()));
            }
        }
        throw new MtlException(
                "this process was started by an MPI launcher (%s), but no MPI library was found as %s; install it (Debian: openmpi-bin libopenmpi3), or name it in %s"
                        .formatted(
                                launcher.name().toLowerCase(Locale.ROOT),
                                String.join(", ", candidates),
                                VARIABLE));
    }

    private static List<String> candidates(Launch.Family launcher) {
        var files = new ArrayList<String>();
        files.add(GlobalSymbols.fileName("mpi_abi", 0));
        if (launcher != Launch.Family.PMI) {
            files.add(GlobalSymbols.fileName("mpi", 40));
        }
        if (launcher != Launch.Family.OPEN_MPI) {
            files.add(GlobalSymbols.fileName("mpi", 12));
            files.add(GlobalSymbols.fileName("mpich", 12));
        }
        return files;
    }

    /** A library of another implementation than the launcher's would see one process alone. */
    private static boolean isOf(Launch.Family launcher, String version) {
        boolean openMpi = version.contains("Open MPI");
        return switch (launcher) {
            case OPEN_MPI -> openMpi;
            case PMI -> !openMpi;
            case PMIX -> true;
        };
    }

    /** May be asked before MPI is initialized. */
    @SuppressWarnings("restricted") // the function has this signature in all implementations
    private static String version(SymbolLookup symbols) {
        try (var arena = Arena.ofConfined()) {
            var text = arena.allocate(VERSION_BYTES);
            var function =
                    Linker.nativeLinker()
                            .downcallHandle(
                                    symbols.findOrThrow("MPI_Get_library_version"),
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_INT,
                                            ValueLayout.ADDRESS,
                                            ValueLayout.ADDRESS));
            int _ = (int) function.invokeExact(text, arena.allocate(4));
            return text.getString(0);
        } catch (Throwable e) {
            throw new MtlException("the MPI library does not say its version: " + e, e);
        }
    }

    private static MpiConstants constants(String file, SymbolLookup symbols) {
        if (file.contains("mpi_abi")) {
            return MpiConstants.standard();
        }
        return symbols.find(OPEN_MPI_SYMBOL).isPresent()
                ? MpiConstants.openMpi(symbols)
                : MpiConstants.mpich();
    }
}
