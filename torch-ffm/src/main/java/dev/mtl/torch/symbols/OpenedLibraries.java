package dev.mtl.torch.symbols;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The libraries that were opened, and their symbols. They stay open until the process ends.
 *
 * <p>They are opened without {@link System#load}, which binds a library to one class loader: an
 * application that is deployed again, or two that share a process, load MTL in several class
 * loaders. All of them use the same LibTorch, which the system loads once.
 */
public final class OpenedLibraries {
    private static final List<SymbolLookup> OPENED = new CopyOnWriteArrayList<>();

    private OpenedLibraries() {}

    /**
     * Opens a library, whose own dependencies must be open or in its folder.
     *
     * @throws UnsatisfiedLinkError if the system refuses it; the message says why
     */
    @SuppressWarnings("restricted") // native access is what this module is for
    public static void open(Path library) {
        SymbolLookup opened;
        try {
            opened = SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IllegalArgumentException e) {
            System.load(library.toString()); // fails as well, and says why
            opened = SymbolLookup.libraryLookup(library, Arena.global());
        }
        OPENED.add(opened);
    }

    /** Finds the symbols of all libraries that are open when it is asked. */
    public static SymbolLookup lookup() {
        return OpenedLibraries::find;
    }

    private static Optional<MemorySegment> find(String symbol) {
        for (var library : OPENED) {
            var found = library.find(symbol);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }
}
