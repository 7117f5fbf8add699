package dev.mtl.torch;

import dev.mtl.natives.LibTorchHome;
import dev.mtl.natives.NativeLibraryException;
import dev.mtl.torch.abi.LibTorchAbi;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.Set;

/**
 * The one LibTorch of this process: found, loaded and checked when it is first needed, and then for
 * good, since libraries with threads of their own cannot be unloaded.
 */
final class LibTorch {
    /** The oldest version whose C functions are those of the bindings. */
    static final long OLDEST = 0x020a_0000_0000_0000L;

    /** The first version that gives the reason of a failure, and allocates optional arguments. */
    static final long VERSION_2_13 = 0x020d_0000_0000_0000L;

    private static final Logger LOG = LoggerFactory.getLogger(LibTorch.class);

    private final LibTorchHome home;
    private final long version;
    private final boolean cuda;
    private final boolean openBlas;
    private final boolean slowBlas;
    private final boolean cudaFunctions;
    private final OptionalKernel mkldnnLinear;
    private final OptionalKernel fusedAttention;
    private final OptionalKernel quantizer;
    private final NativeErrorText errorText;

    private LibTorch(LibTorchHome home, SymbolLookup lookup, boolean blasHeldBack) {
        this.home = home;
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
        mkldnnLinear = new OptionalKernel(lookup, Requirements.ONEDNN, MkldnnLinear::works);
        fusedAttention = new OptionalKernel(lookup, Requirements.ATTENTION, FusedAttention::works);
        quantizer = new OptionalKernel(lookup, Set.of(), Int8Linear::quantizerWorks);
        errorText = NativeErrorText.of(version, lookup);
    }

    /**
     * The LibTorch of this process, loaded if it was not.
     *
     * @throws LibTorchUnavailableException if there is none that can be used; each later call
     *     throws the same again
     */
    static LibTorch get() {
        return switch (OnlyAttempt.RESULT) {
            case Loaded(var torch) -> torch;
            case Failed(var failure) ->
                    throw new LibTorchUnavailableException(
                            String.valueOf(failure.getMessage()), failure);
        };
    }

    /** What came of loading. */
    private sealed interface Attempt {}

    private record Loaded(LibTorch torch) implements Attempt {}

    private record Failed(LibTorchUnavailableException failure) implements Attempt {}

    /** Loading is tried once, when this class is first used. */
    private static final class OnlyAttempt {
        static final Attempt RESULT = make();

        private static Attempt make() {
            try {
                return new Loaded(load());
            } catch (LibTorchUnavailableException e) {
                return new Failed(e);
            }
        }
    }

    private static LibTorch load() {
        LibTorchHome home;
        try {
            home = LibTorchHome.locate();
        } catch (NativeLibraryException e) {
            throw new LibTorchUnavailableException(String.valueOf(e.getMessage()), e);
        }
        LoadedLibraries.refuseASecondLibTorch(home);
        boolean blasHeldBack = OpenBlasKernels.choose();
        for (var library : home.libraries()) {
            try {
                System.load(library.toString());
            } catch (UnsatisfiedLinkError e) {
                throw LoadedLibraries.explain(e, library, home);
            }
        }
        var torch =
                new LibTorch(
                        home,
                        SymbolLookup.loaderLookup().or(Linker.nativeLinker().defaultLookup()),
                        blasHeldBack);
        LOG.debug("LibTorch {} from {}", format(torch.version), home.directory());
        return torch;
    }

    /** A packed version in words: {@code 2.10.0}. */
    static String format(long version) {
        return "%d.%d.%d"
                .formatted(version >>> 56, (version >>> 48) & 0xff, (version >>> 40) & 0xff);
    }

    /** Where it was found. */
    LibTorchHome home() {
        return home;
    }

    /** The packed version, as {@code torch_call_dispatcher} wants it. */
    long version() {
        return version;
    }

    /** LibTorch's reason for this thread's last failed call. */
    NativeErrorText errorText() {
        return errorText;
    }

    /** Whether {@code torch_new_stable_ivalue} makes optional arguments. */
    boolean hasStableIValueAllocator() {
        return version >= VERSION_2_13;
    }

    /** Whether the BLAS is OpenBLAS, which counts its threads for itself. */
    boolean hasOpenBlas() {
        return openBlas;
    }

    /** Whether the BLAS is held to less than the processor has. */
    boolean hasSlowBlas() {
        return slowBlas;
    }

    /** See {@link MkldnnLinear#isAvailable}. */
    boolean hasMkldnnLinear() {
        return mkldnnLinear.works();
    }

    /** See {@link FusedAttention#isAvailable}. */
    boolean hasFusedAttention() {
        return fusedAttention.works();
    }

    /** Whether an operator makes tensors of 8-bit numbers with a scale. */
    boolean hasQuantizer() {
        return quantizer.works();
    }

    /** Whether this LibTorch was built with CUDA; says nothing about the machine. */
    boolean hasCuda() {
        return cuda;
    }

    /** How many CUDA devices LibTorch can use; 0 without CUDA. */
    int cudaDeviceCount() {
        return cudaFunctions ? Math.toIntExact(LibTorchAbi._ZN5torch4cuda12device_countEv()) : 0;
    }
}
