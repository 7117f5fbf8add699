package dev.mtl.torch.loading;

import dev.mtl.natives.LibTorchHome;
import dev.mtl.natives.NativeLibraryException;
import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.error.LibTorchUnavailableException;
import dev.mtl.torch.logging.Loggers;
import dev.mtl.torch.symbols.OpenedLibraries;

import org.slf4j.Logger;

import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.Set;

/**
 * The LibTorch of this process: located, loaded and checked on first use, and never unloaded, since
 * a library with running threads cannot be. Each class loader that has MTL does that once, and all
 * get the same library.
 */
public final class LibTorch {
    /** The oldest supported version: the first with all functions of the bindings. */
    static final long OLDEST = 0x020a_0000_0000_0000L;

    /** The first version with functions for error messages and for optional arguments. */
    public static final long VERSION_2_13 = 0x020d_0000_0000_0000L;

    private static final Logger LOG = Loggers.of(LibTorch.class);
    private static final LargeStack START = new LargeStack(new Start());

    private final LibTorchHome home;
    private final SymbolLookup lookup;
    private final long version;
    private final boolean cuda;
    private final boolean openBlas;
    private final boolean slowBlas;
    private final boolean cudaFunctions;
    private final NativeErrorText errorText;

    private LibTorch(LibTorchHome home, SymbolLookup lookup, boolean blasHeldBack) {
        this.home = home;
        this.lookup = lookup;
        Requirements.checkSaysItsVersion(lookup, home);
        version = LibTorchAbi.aoti_torch_abi_version();
        Requirements.checkVersion(version, home);
        cuda =
                home.libraries().stream()
                        .anyMatch(path -> path.getFileName().toString().contains("torch_cuda"));
        Requirements.checkFunctions(lookup, version, cuda, home);
        openBlas = lookup.find("openblas_set_num_threads").isPresent();
        slowBlas = openBlas && blasHeldBack;
        cudaFunctions = lookup.find("_ZN5torch4cuda12device_countEv").isPresent();
        errorText = NativeErrorText.of(version, lookup);
    }

    /**
     * The LibTorch of this process, which the first call loads.
     *
     * @throws LibTorchUnavailableException if there is no usable one; later calls throw the same
     *     exception again
     */
    public static LibTorch get() {
        START.runOnce();
        return switch (Loader.RESULT) {
            case Loaded(var torch) -> torch;
            case Failed(var failure) ->
                    throw new LibTorchUnavailableException(
                            String.valueOf(failure.getMessage()), failure);
        };
    }

    /** The result of loading. */
    private sealed interface Attempt {}

    private record Loaded(LibTorch torch) implements Attempt {}

    private record Failed(LibTorchUnavailableException failure) implements Attempt {}

    /** Loads when this class is initialized, so exactly once. */
    private static final class Loader {
        static final Attempt RESULT = attempt();

        private static Attempt attempt() {
            try {
                return new Loaded(load());
            } catch (LibTorchUnavailableException e) {
                return new Failed(e);
            }
        }
    }

    /** Loads LibTorch, and links all functions of the bindings that it has. */
    private static final class Start implements Runnable {
        @Override
        public void run() {
            if (Loader.RESULT instanceof Loaded(var torch)) {
                for (var function : LibTorchAbi.class.getDeclaredClasses()) {
                    if (torch.lookup.find(function.getSimpleName()).isPresent()) {
                        link(function);
                    }
                }
            }
        }

        private static void link(Class<?> function) {
            try {
                Class.forName(function.getName(), true, function.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new AssertionError("a nested class of the bindings", e);
            }
        }
    }

    private static LibTorch load() {
        LibTorchHome home;
        try {
            home = LibTorchHome.locate(LOG::info);
        } catch (NativeLibraryException e) {
            throw new LibTorchUnavailableException(String.valueOf(e.getMessage()), e);
        }
        LoadedLibraries.refuseASecondLibTorch(home);
        boolean blasHeldBack = OpenBlasKernels.choose();
        for (var library : home.libraries()) {
            try {
                OpenedLibraries.open(library);
            } catch (UnsatisfiedLinkError e) {
                throw LoadedLibraries.explain(e, library, home);
            }
        }
        var torch =
                new LibTorch(
                        home,
                        OpenedLibraries.lookup().or(Linker.nativeLinker().defaultLookup()),
                        blasHeldBack);
        LOG.debug("LibTorch {} from {}", format(torch.version), home.directory());
        return torch;
    }

    /** A packed version as text, {@code 2.10.0}. */
    public static String format(long version) {
        return "%d.%d.%d"
                .formatted(version >>> 56, (version >>> 48) & 0xff, (version >>> 40) & 0xff);
    }

    /** Its folder and libraries. */
    public LibTorchHome home() {
        return home;
    }

    /** The packed version, as {@code torch_call_dispatcher} takes it. */
    public long version() {
        return version;
    }

    /** The source of LibTorch's error messages. */
    public NativeErrorText errorText() {
        return errorText;
    }

    /** Whether {@code torch_new_stable_ivalue} allocates optional arguments. */
    public boolean hasStableIValueAllocator() {
        return version >= VERSION_2_13;
    }

    /** Whether the BLAS is OpenBLAS, which has its own thread count. */
    public boolean hasOpenBlas() {
        return openBlas;
    }

    /** Whether OPENBLAS_CORETYPE keeps the BLAS from using AVX-512 that the processor has. */
    public boolean hasSlowBlas() {
        return slowBlas;
    }

    /** Whether this LibTorch has all of some functions that not every build has. */
    public boolean has(Set<String> functions) {
        return functions.stream().allMatch(name -> lookup.find(name).isPresent());
    }

    /** Whether this LibTorch was built with CUDA, whatever the machine has. */
    public boolean hasCuda() {
        return cuda;
    }

    /** The number of CUDA devices that LibTorch can use; 0 without CUDA. */
    public int cudaDeviceCount() {
        return cudaFunctions ? Math.toIntExact(LibTorchAbi._ZN5torch4cuda12device_countEv()) : 0;
    }
}
