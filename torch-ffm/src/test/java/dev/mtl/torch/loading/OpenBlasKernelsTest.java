package dev.mtl.torch.loading;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.torch.processor.ProcessorFeatures;

import org.junit.jupiter.api.Test;

import java.util.List;

class OpenBlasKernelsTest {
    private static final String AVX_512 = "avx2 avx512f avx512cd avx512bw avx512dq avx512vl";

    private static ProcessorFeatures processor(String vendor, String flags) {
        return ProcessorFeatures.ofCpuinfo(
                List.of(
                        "processor\t: 0",
                        "vendor_id\t: " + vendor,
                        "cpu family\t: 26",
                        "flags\t\t: " + flags));
    }

    @Test
    void selectsKernelsForAmdWithAvx512() {
        assertThat(OpenBlasKernels.kernelsFor(processor("AuthenticAMD", AVX_512)))
                .isEqualTo("SkylakeX");
        assertThat(OpenBlasKernels.kernelsFor(processor("AuthenticAMD", AVX_512 + " avx512_bf16")))
                .isEqualTo("Cooperlake");
    }

    @Test
    void detectsAUsersChoiceThatLeavesAvx512Unused() {
        var withAvx512 = processor("AuthenticAMD", AVX_512);
        assertThat(OpenBlasKernels.holdsBack("Haswell", withAvx512)).isTrue();
        assertThat(OpenBlasKernels.holdsBack("SKYLAKEX", withAvx512)).isFalse();
        assertThat(OpenBlasKernels.holdsBack("Haswell", processor("AuthenticAMD", "avx2")))
                .isFalse();
    }

    @Test
    void leavesOtherProcessorsToOpenBlas() {
        assertThat(OpenBlasKernels.kernelsFor(processor("AuthenticAMD", "sse2 avx2 fma"))).isNull();
        assertThat(OpenBlasKernels.kernelsFor(processor("AuthenticAMD", "avx512f"))).isNull();
        assertThat(OpenBlasKernels.kernelsFor(processor("GenuineIntel", AVX_512))).isNull();
        var unknown = ProcessorFeatures.ofCpuinfo(List.of("model name: ARM"));
        assertThat(OpenBlasKernels.kernelsFor(unknown)).isNull();
    }
}
