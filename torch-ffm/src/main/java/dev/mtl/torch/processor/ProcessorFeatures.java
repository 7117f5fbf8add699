package dev.mtl.torch.processor;

import dev.mtl.torch.logging.Loggers;

import org.slf4j.Logger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The instruction sets and caches of a processor, as Linux describes them. On other systems, and
 * where the files cannot be read, no instruction set is listed and cache sizes are 0.
 *
 * @param vendor such as {@code AuthenticAMD}; may be empty
 * @param model the processor's name; may be empty
 * @param flags the instruction sets by Linux's names, such as {@code avx2}
 * @param dataCache bytes of a core's first-level data cache, 0 if unknown
 * @param secondCache bytes of the second-level cache, 0 if unknown
 * @param thirdCache bytes of the third-level cache, 0 if unknown
 */
public record ProcessorFeatures(
        String vendor,
        String model,
        Set<String> flags,
        long dataCache,
        long secondCache,
        long thirdCache) {
    private static final Logger LOG = Loggers.of(ProcessorFeatures.class);
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");
    private static final Set<String> AVX_512 =
            Set.of("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl");

    public ProcessorFeatures {
        flags = Set.copyOf(flags);
    }

    /** The features of the processor that this runs on. */
    public static ProcessorFeatures detect() {
        return read(CPUINFO, CACHES);
    }

    /**
     * Reads Linux's description.
     *
     * @param cpuinfo a file like {@code /proc/cpuinfo}
     * @param caches a folder like {@code /sys/devices/system/cpu/cpu0/cache}
     */
    static ProcessorFeatures read(Path cpuinfo, Path caches) {
        return of(firstProcessor(cpuinfo), cache(caches, 1), cache(caches, 2), cache(caches, 3));
    }

    /** The features that {@code /proc/cpuinfo} has for one processor, line by line; no caches. */
    public static ProcessorFeatures ofCpuinfo(List<String> cpuinfo) {
        return of(cpuinfo, 0, 0, 0);
    }

    private static ProcessorFeatures of(
            List<String> cpuinfo, long dataCache, long secondCache, long thirdCache) {
        var flags = new TreeSet<String>();
        for (var name : List.of("flags", "Features")) { // the latter on ARM
            flags.addAll(Arrays.asList(field(cpuinfo, name).split(" ")));
        }
        flags.remove("");
        return new ProcessorFeatures(
                field(cpuinfo, "vendor_id"),
                field(cpuinfo, "model name"),
                flags,
                dataCache,
                secondCache,
                thirdCache);
    }

    private static List<String> firstProcessor(Path cpuinfo) {
        if (!Files.isReadable(cpuinfo)) {
            return List.of();
        }
        try (var lines = Files.lines(cpuinfo)) {
            return lines.takeWhile(line -> !line.isBlank()).toList();
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("cannot read {}: {}", cpuinfo, e.toString());
            return List.of();
        }
    }

    private static String field(List<String> cpuinfo, String name) {
        return cpuinfo.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
    }

    private static long cache(Path caches, int level) {
        for (int index = 0; ; index++) {
            var folder = caches.resolve("index" + index);
            if (!Files.isDirectory(folder)) {
                return 0;
            }
            try {
                if (read(folder, "level").equals(Integer.toString(level))
                        && !read(folder, "type").equals("Instruction")) {
                    return bytes(read(folder, "size"));
                }
            } catch (IOException | NumberFormatException e) {
                LOG.debug("cannot read {}: {}", folder, e.toString());
            }
        }
    }

    private static String read(Path folder, String file) throws IOException {
        return Files.readString(folder.resolve(file)).strip();
    }

    /** {@code 32K} or {@code 8M} in bytes. */
    private static long bytes(String size) {
        int unit = "KMG".indexOf(size.charAt(size.length() - 1)) + 1;
        var digits = unit == 0 ? size : size.substring(0, size.length() - 1);
        return Long.parseLong(digits) << (10 * unit);
    }

    /** 256-bit integer and floating-point vectors. */
    public boolean hasAvx2() {
        return flags.contains("avx2");
    }

    /** 512-bit vectors, as all server processors with AVX-512 have them. */
    public boolean hasAvx512() {
        return flags.containsAll(AVX_512);
    }

    /** Sums of four products of 8-bit integers in one instruction. */
    public boolean hasVnni() {
        return flags.contains("avx512_vnni") || flags.contains("avx_vnni");
    }

    /** Products of bfloat16 vectors. */
    public boolean hasBfloat16() {
        return flags.contains("avx512_bf16") || flags.contains("bf16");
    }

    /** Bytes of the largest cache, 0 if unknown. */
    public long lastLevelCache() {
        return Math.max(dataCache, Math.max(secondCache, thirdCache));
    }

    /** In one line, such as {@code AMD EPYC: AVX2, AVX-512, VNNI; caches 32 KB, 1 MB, 32 MB}. */
    public String describe() {
        var sets = new ArrayList<String>();
        add(sets, hasAvx2(), "AVX2");
        add(sets, hasAvx512(), "AVX-512");
        add(sets, hasVnni(), "VNNI");
        add(sets, hasBfloat16(), "bfloat16");
        var name = model.isEmpty() ? System.getProperty("os.arch") : model;
        return "%s: %s; caches %s, %s, %s"
                .formatted(
                        name,
                        sets.isEmpty() ? "no known vector instructions" : String.join(", ", sets),
                        size(dataCache),
                        size(secondCache),
                        size(thirdCache));
    }

    private static void add(List<String> sets, boolean present, String name) {
        if (present) {
            sets.add(name);
        }
    }

    private static String size(long bytes) {
        if (bytes == 0) {
            return "unknown";
        }
        return bytes < 1 << 20
                ? (bytes >> 10) + " KB"
                : String.format(Locale.ROOT, "%.4g MB", bytes / (double) (1 << 20))
                        .replaceAll("\\.0+ ", " ");
    }
}
