package dev.mtl.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Map;

class PlatformTest {
    @Test
    void knowsTheThreePlatformsUnderTheNamesThatJavaGivesThem() {
        assertThat(Platform.of("Linux", "amd64")).isEqualTo(Platform.LINUX_X86_64);
        assertThat(Platform.of("Mac OS X", "aarch64")).isEqualTo(Platform.MACOSX_ARM64);
        assertThat(Platform.of("Windows 11", "amd64")).isEqualTo(Platform.WINDOWS_X86_64);
    }

    @Test
    void namesAPlatformThatItDoesNotKnow() {
        assertThatThrownBy(() -> Platform.of("Linux", "riscv64"))
                .isInstanceOf(NativeLibraryException.class)
                .hasMessageContaining("not on Linux on riscv64")
                .hasMessageContaining("Linux x86-64, macOS arm64 and Windows x86-64");
    }

    @Test
    void putsTheCacheWhereTheEnvironmentSays() {
        var home = Path.of(System.getProperty("user.home"));
        assertThat(CacheFolder.root(Map.of("MTL_CACHE", "/c", "XDG_CACHE_HOME", "/x")))
                .isEqualTo(Path.of("/c"));
        assertThat(CacheFolder.root(Map.of("MTL_CACHE", "", "XDG_CACHE_HOME", "/x")))
                .isEqualTo(Path.of("/x/mtl"));
        assertThat(CacheFolder.root(Map.of("XDG_CACHE_HOME", "relative")))
                .isEqualTo(home.resolve(".cache/mtl"));
        assertThat(CacheFolder.root(Map.of())).isEqualTo(home.resolve(".cache/mtl"));
    }
}
