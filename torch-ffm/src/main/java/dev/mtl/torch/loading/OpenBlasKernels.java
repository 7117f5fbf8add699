package dev.mtl.torch.loading;

import dev.mtl.torch.logging.Loggers;
import dev.mtl.torch.processor.ProcessorFeatures;
import dev.mtl.torch.processor.Tuning;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/**
 * Selects OpenBLAS's kernels for processors that it does not know. OpenBLAS selects by model
 * number: an AMD processor that is newer than the library gets the AVX2 kernels although it has
 * AVX-512, and runs at half its speed (OpenBLAS 0.3.31 on Zen 5, two cores: 210 GFLOP/s instead of
 * 400). OpenBLAS reads {@code OPENBLAS_CORETYPE} once, when it is loaded.
 */
final class OpenBlasKernels {
    static final String VARIABLE = "OPENBLAS_CORETYPE";

    private static final Logger LOG = Loggers.of(OpenBlasKernels.class);
    private static final Set<String> WITH_AVX_512 =
            Set.of("SkylakeX", "Cooperlake", "SapphireRapids");

    private OpenBlasKernels() {}

    /**
     * Sets the variable in this process unless the user has set it. To be called before OpenBLAS is
     * loaded.
     *
     * @return whether the user's setting leaves AVX-512 unused on a processor that has it
     */
    static boolean choose() {
        var processor = Tuning.processor();
        var chosen = System.getenv(VARIABLE);
        if (chosen != null) {
            return holdsBack(chosen, processor);
        }
        var kernels = kernelsFor(processor);
        if (kernels != null) {
            setenv(kernels);
            LOG.debug("{}={}", VARIABLE, kernels);
        }
        return false;
    }

    /** Whether these kernels leave AVX-512 unused on a processor that has it. */
    static boolean holdsBack(String kernels, ProcessorFeatures processor) {
        return processor.hasAvx512() && WITH_AVX_512.stream().noneMatch(kernels::equalsIgnoreCase);
    }

    /**
     * The kernels to select.
     *
     * @return null to leave the selection to OpenBLAS
     */
    static @Nullable String kernelsFor(ProcessorFeatures processor) {
        if (!processor.vendor().equals("AuthenticAMD") || !processor.hasAvx512()) {
            return null;
        }
        return processor.hasBfloat16() ? "Cooperlake" : "SkylakeX";
    }

    private static void setenv(String kernels) {
        var linker = Linker.nativeLinker();
        var function = linker.defaultLookup().find("setenv");
        if (function.isEmpty()) {
            return;
        }
        var setenv =
                linker.downcallHandle(
                        function.get(),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_INT));
        try (var arena = Arena.ofConfined()) {
            int _ =
                    (int)
                            setenv.invokeExact(
                                    arena.allocateFrom(VARIABLE), arena.allocateFrom(kernels), 0);
        } catch (Throwable e) {
            throw new IllegalStateException("setenv", e);
        }
    }
}
