package dev.mtl.mpi.symbols;

import dev.mtl.mpi.abi.dlfcn.DlfcnAbi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;

/**
 * Libraries whose symbols all of the process sees. MPI loads plugins that refer to them, and Java
 * opens libraries with local symbols.
 */
public final class GlobalSymbols {
    private static final boolean MAC = System.getProperty("os.name", "").startsWith("Mac");
    private static final int NOW = 2;
    private static final int LOCAL = MAC ? 4 : 0;
    private static final int GLOBAL = MAC ? 8 : 0x100;

    /** RTLD_DEFAULT: all libraries with global symbols. */
    private static final MemorySegment EVERYWHERE = MemorySegment.ofAddress(MAC ? -2 : 0);

    private GlobalSymbols() {}

    /** The file name of a library's version on this system. */
    public static String fileName(String library, int version) {
        return MAC
                ? "lib" + library + "." + version + ".dylib"
                : "lib" + library + ".so." + version;
    }

    /**
     * Opens a library and makes its symbols global.
     *
     * @param library a path, or a file name that the system searches
     * @throws UnsatisfiedLinkError if the system refuses it; the message says why
     */
    public static void open(String library) {
        open(library, NOW | GLOBAL);
    }

    /**
     * Looks into a library without making its symbols global.
     *
     * @return its symbols; empty if it cannot be opened
     */
    public static Optional<SymbolLookup> probe(String library) {
        try {
            var handle = open(library, NOW | LOCAL);
            return Optional.of(symbol -> find(handle, symbol));
        } catch (UnsatisfiedLinkError e) {
            return Optional.empty();
        }
    }

    private static MemorySegment open(String library, int flags) {
        try (var arena = Arena.ofConfined()) {
            var _ = DlfcnAbi.dlerror(); // linked now: linking it later would clear the message
            var handle = DlfcnAbi.dlopen(arena.allocateFrom(library), flags);
            if (handle.address() == 0) {
                throw new UnsatisfiedLinkError(message(library));
            }
            return handle;
        }
    }

    @SuppressWarnings("restricted") // a C string
    private static String message(String library) {
        var text = DlfcnAbi.dlerror();
        return text.address() == 0
                ? library + ": cannot be opened"
                : text.reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** Finds global symbols. */
    public static SymbolLookup lookup() {
        return symbol -> find(EVERYWHERE, symbol);
    }

    private static Optional<MemorySegment> find(MemorySegment library, String symbol) {
        try (var arena = Arena.ofConfined()) {
            var found = DlfcnAbi.dlsym(library, arena.allocateFrom(symbol));
            return found.address() == 0 ? Optional.empty() : Optional.of(found);
        }
    }
}
