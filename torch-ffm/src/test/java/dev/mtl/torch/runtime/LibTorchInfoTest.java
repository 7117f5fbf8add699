package dev.mtl.torch.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.natives.LibTorchHome;

import org.junit.jupiter.api.Test;

class LibTorchInfoTest {
    @Test
    void saysWhichLibTorchIsUsed() {
        var info = LibTorchInfo.load();

        assertThat(info.version()).matches("2\\.1[0-9]\\.\\d+");
        assertThat(info.directory()).isAbsolute().isDirectoryContaining("glob:**libtorch_cpu.so");
        assertThat(info.fromMaven())
                .isEqualTo(System.getenv().getOrDefault(LibTorchHome.VARIABLE, "").isBlank());
        assertThat(info.errorReasons()).isTrue();
        assertThat(info.verifyChecksums()).isEmpty();
        assertThat(info.cudaDevices()).isEqualTo(Cuda.deviceCount());
    }
}
