package dev.mtl.torch.loading;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Selects OpenBLAS's kernels for processors that it does not know. OpenBLAS selects by model
 * number: an AMD processor that is newer than the library gets the AVX2 kernels although it has
 * AVX-512, and runs at half its speed (OpenBLAS 0.3.31 on Zen 5, two cores: 210 GFLOP/s instead of
 * 400). OpenBLAS reads {@code OPENBLAS_CORETYPE} once, when it is loaded.
 */
final class OpenBlasKernels {
    static final String VARIABLE = "OPENBLAS_CORETYPE";

    private static final Logger LOG = LoggerFactory.getLogger(OpenBlasKernels.class);
    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
    private static final Set<String> AVX_512 =
            Set.of("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl");

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
        if (!Files.isReadable(PROCESSOR)) {
            return false;
        }
        var chosen = System.getenv(VARIABLE);
        try (var lines = Files.lines(PROCESSOR)) {
            var cpuinfo = lines.takeWhile(line -> !line.isBlank()).toList();
            if (chosen != null) {
                return holdsBack(chosen, cpuinfo);
            }
            var kernels = kernelsFor(cpuinfo);
            if (kernels != null) {
                setenv(kernels);
                LOG.debug("{}={}", VARIABLE, kernels);
            }
        } catch (IOException e) {
            LOG.debug("cannot read {}: {}", PROCESSOR, e.toString());
        }
        return false;
    }

    /** Whether these kernels leave AVX-512 unused on a processor that has it. */
    static boolean holdsBack(String kernels, List<String> cpuinfo) {
        return flags(cpuinfo).containsAll(AVX_512)
                && WITH_AVX_512.stream().noneMatch(kernels::equalsIgnoreCase);
    }

    /**
     * The kernels to select.
     *
     * @param cpuinfo the lines of {@code /proc/cpuinfo} for one processor
     * @return null to leave the selection to OpenBLAS
     */
    static @Nullable String kernelsFor(List<String> cpuinfo) {
        var flags = flags(cpuinfo);
        if (!field(cpuinfo, "vendor_id").equals("AuthenticAMD") || !flags.containsAll(AVX_512)) {
            return null;
        }
        return flags.contains("avx512_bf16") ? "Cooperlake" : "SkylakeX";
    }

    private static Set<String> flags(List<String> cpuinfo) {
        return new HashSet<>(Arrays.asList(field(cpuinfo, "flags").split(" ")));
    }

    private static String field(List<String> cpuinfo, String name) {
        return cpuinfo.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
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
