package dev.mtl.torch.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.natives.LibTorchHome;
import dev.mtl.torch.error.LibTorchUnavailableException;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class LibTorchTest {
    private static final LibTorchHome HOME =
            new LibTorchHome(Path.of("/opt/torch"), LibTorchHome.Origin.LIBTORCH_HOME, List.of());

    @Test
    void rejectsALibTorchWithoutAVersionFunction() {
        assertThatThrownBy(
                        () ->
                                Requirements.checkSaysItsVersion(
                                        hiding("aoti_torch_abi_version"), HOME))
                .isInstanceOf(LibTorchUnavailableException.class)
                .hasMessageContaining("/opt/torch")
                .hasMessageContaining("older than 2.10.0")
                .hasMessageContaining("LIBTORCH_HOME");
    }

    @Test
    void rejectsAnOldLibTorch() {
        assertThatThrownBy(() -> Requirements.checkVersion(0x0209_0100_0000_0000L, HOME))
                .isInstanceOf(LibTorchUnavailableException.class)
                .hasMessageContaining("the LibTorch in /opt/torch is version 2.9.1")
                .hasMessageContaining("2.10.0 or later");
        assertThatCode(() -> Requirements.checkVersion(LibTorch.OLDEST, HOME))
                .doesNotThrowAnyException();
    }

    @Test
    void namesEveryFunctionThatIsMissing() {
        var lookup = hiding("torch_call_dispatcher", "_ZN2at15set_num_threadsEi");

        assertThatThrownBy(() -> Requirements.checkFunctions(lookup, LibTorch.OLDEST, false, HOME))
                .isInstanceOf(LibTorchUnavailableException.class)
                .hasMessageContaining("LibTorch 2.10.0 in /opt/torch lacks functions")
                .hasMessageContaining("_ZN2at15set_num_threadsEi, torch_call_dispatcher;");
    }

    @Test
    void acceptsALibTorchWithoutOptionalFunctions() {
        var cuda = "_ZN5torch4cuda12device_countEv";
        var recent = "torch_new_stable_ivalue";
        var lookup = hiding("openblas_set_num_threads", cuda, recent);

        assertThatCode(() -> Requirements.checkFunctions(lookup, LibTorch.OLDEST, false, HOME))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Requirements.checkFunctions(lookup, LibTorch.OLDEST, true, HOME))
                .hasMessageContaining(cuda)
                .hasMessageNotContaining("openblas")
                .hasMessageNotContaining(recent);
        assertThatThrownBy(
                        () ->
                                Requirements.checkFunctions(
                                        lookup, LibTorch.VERSION_2_13, false, HOME))
                .hasMessageContaining(recent)
                .hasMessageNotContaining(cuda);
    }

    @Test
    void knowsEveryFunctionOfTheBindings() {
        assertThat(Requirements.functions())
                .contains("torch_call_dispatcher", "aoti_torch_abi_version", "_Znwm")
                .hasSizeGreaterThan(40);
    }

    @Test
    void findsAnotherLibTorchAmongTheMappedFiles() {
        var ours = Path.of("/cache/libtorch_cpu.so");
        var maps =
                List.of(
                        "7f1-7f2 r-xp 00000000 fe:01 123    /cache/libtorch_cpu.so",
                        "7f2-7f3 rw-p 00000000 00:00 0 ",
                        "7f3-7f4 rw-p 00000000 00:00 0      [heap]",
                        "7f4-7f5 r-xp 00000000 fe:01 9      /lib/libm.so.6");
        assertThat(LoadedLibraries.otherLibTorch(maps, ours)).isEmpty();
        assertThat(
                        LoadedLibraries.otherLibTorch(
                                List.of("7-8 r-xp 0 fe:01 5  /a b/libtorch_cpu.so (deleted)"),
                                ours))
                .contains(Path.of("/a b/libtorch_cpu.so"));
    }

    @Test
    void advisesWhatToInstallForAMissingSystemLibrary() {
        var problem =
                explained(
                        "/opt/torch/libtorch_cuda.so: libcudnn.so.9: cannot open shared object"
                                + " file: No such file or directory");
        assertThat(problem)
                .isInstanceOf(LibTorchUnavailableException.class)
                .hasMessageContaining("libtorch_cuda.so of the LibTorch in /opt/torch")
                .hasMessageContaining("libcudnn.so.9: cannot open")
                .hasMessageContaining("install NVIDIA cuDNN 9, or use a LibTorch without CUDA");
        assertThat(explained("x: libcuda.so.1: cannot open shared object file: No such"))
                .hasMessageContaining("driver");
        assertThat(explained("x: libcublas.so.13: cannot open shared object file: No such"))
                .hasMessageContaining("CUDA runtime");
        assertThat(explained("x: libodd.so.1: cannot open shared object file: No such"))
                .hasMessageContaining("install the package that has libodd.so.1");
        assertThat(explained("x: version `GLIBC_2.99' not found"))
                .hasMessageContaining("newer Linux");
        assertThat(explained("x: file too short"))
                .hasMessageContaining("must name a whole LibTorch");
    }

    private static LibTorchUnavailableException explained(String reason) {
        return LoadedLibraries.explain(
                new UnsatisfiedLinkError(reason), Path.of("/opt/torch/libtorch_cuda.so"), HOME);
    }

    /** A LibTorch that has every function but these. */
    private static SymbolLookup hiding(String... names) {
        var hidden = Set.of(names);
        return name ->
                hidden.contains(name) ? Optional.empty() : Optional.of(MemorySegment.ofAddress(1));
    }
}
