package dev.mtl.torch.processor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.torch.processor.Tuning.ProcessorClass;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

class TuningTest {
    private static final String AVX_512 = "avx2 avx512f avx512cd avx512bw avx512dq avx512vl";

    @TempDir Path folder;

    private void cache(int index, int level, String type, String size) throws IOException {
        var cache = Files.createDirectories(folder.resolve("index" + index));
        Files.writeString(cache.resolve("level"), level + "\n");
        Files.writeString(cache.resolve("type"), type + "\n");
        Files.writeString(cache.resolve("size"), size + "\n");
    }

    private Path cpuinfo(String... lines) throws IOException {
        return Files.write(folder.resolve("cpuinfo"), List.of(lines));
    }

    @Test
    void readsInstructionSetsAndCachesOfTheFirstProcessor() throws IOException {
        cache(0, 1, "Data", "32K");
        cache(1, 1, "Instruction", "64K");
        cache(2, 2, "Unified", "1024K");
        cache(3, 3, "Unified", "32M");
        var file =
                cpuinfo(
                        "vendor_id\t: AuthenticAMD",
                        "model name\t: AMD EPYC",
                        "flags\t\t: " + AVX_512 + " avx512_vnni",
                        "",
                        "flags\t\t: sse2");

        var features = ProcessorFeatures.read(file, folder);

        assertThat(features.hasAvx2()).isTrue();
        assertThat(features.hasAvx512()).isTrue();
        assertThat(features.hasVnni()).isTrue();
        assertThat(features.hasBfloat16()).isFalse();
        assertThat(features.dataCache()).isEqualTo(32 << 10);
        assertThat(features.describe())
                .isEqualTo("AMD EPYC: AVX2, AVX-512, VNNI; caches 32 KB, 1 MB, 32 MB");
    }

    @Test
    void withoutLinuxsFilesNothingIsKnownAndTheValuesAreTheSame() {
        var features = ProcessorFeatures.read(folder.resolve("cpuinfo"), folder.resolve("caches"));

        assertThat(features.flags()).isEmpty();
        assertThat(features.lastLevelCache()).isZero();
        assertThat(features.describe())
                .isEqualTo(
                        System.getProperty("os.arch")
                                + ": no known vector instructions; caches unknown, unknown,"
                                + " unknown");
        assertThat(Tuning.of(features).batchTokens()).isEqualTo(512);
    }

    @ParameterizedTest
    @CsvSource({
        "avx2 avx512f avx512cd avx512bw avx512dq avx512vl avx512_vnni, AVX512_VNNI",
        "avx2 avx512f avx512cd avx512bw avx512dq avx512vl, AVX512",
        "avx2 avx512f, AVX2",
        "avx2 avx_vnni, AVX2",
        "sse2, OTHER"
    })
    void classesAreByInstructionSets(String flags, ProcessorClass expected) {
        var features = ProcessorFeatures.ofCpuinfo(List.of("flags: " + flags));
        assertThat(ProcessorClass.of(features)).isEqualTo(expected);
    }

    @Test
    void aSmallLastLevelCacheHasSmallerBatches() {
        var small = new ProcessorFeatures("", "", Set.of("avx2"), 32 << 10, 2 << 20, 0);
        var large = new ProcessorFeatures("", "", Set.of("avx2"), 32 << 10, 1 << 20, 32 << 20);

        assertThat(Tuning.of(small).batchTokens()).isEqualTo(256);
        assertThat(Tuning.of(large).batchTokens()).isEqualTo(512);
        assertThat(Tuning.of(small).trainingBatch())
                .as("decides on the draws of dropout")
                .isEqualTo(Tuning.of(large).trainingBatch());
    }

    @Test
    void readsTheFeaturesOfArm() {
        var features = ProcessorFeatures.ofCpuinfo(List.of("Features\t: fp asimd bf16"));
        assertThat(features.hasBfloat16()).isTrue();
        assertThat(features.hasAvx2()).isFalse();
    }
}
