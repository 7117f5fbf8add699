package dev.mtl.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class LibTorchHomeTest {
    /** What is unpacked of the jars for a CPU. */
    private static final String[] CPU_FILES = {
        "MANIFEST.sha256",
        "libc10.so",
        "libgfortran.so.5",
        "libgomp.so.1",
        "libopenblas.so.0",
        "libquadmath.so.0",
        "libtorch.so",
        "libtorch_cpu.so"
    };

    @TempDir Path temp;
    private Path cache = Path.of("");

    @BeforeEach
    void nameTheCache() {
        cache = temp.resolve("cache");
    }

    @Test
    void takesTheLibFolderOfAnUnpackedLibTorch() throws IOException {
        var lib = Files.createDirectories(temp.resolve("libtorch/lib"));
        touch(lib, "libtorch_cpu.so", "libc10.so", "libgomp-98b21ff3.so.1", "libtorch.so");

        var home = named(temp.resolve("libtorch"));

        assertThat(home.directory()).isEqualTo(lib);
        assertThat(home.origin()).isEqualTo(LibTorchHome.Origin.LIBTORCH_HOME);
        assertThat(home.libraries())
                .containsExactly(
                        lib.resolve("libc10.so"),
                        lib.resolve("libtorch_cpu.so"),
                        lib.resolve("libtorch.so"));
        assertThat(home.verifyChecksums()).isEmpty();
    }

    @Test
    void takesAFolderThatHoldsTheLibrariesItself() throws IOException {
        var lib = Files.createDirectories(temp.resolve("site-packages/torch/lib"));
        touch(lib, "libtorch_cpu.so", "libtorch_cuda.so", "libc10.so", "libc10_cuda.so");

        assertThat(named(lib).libraries())
                .containsExactly(
                        lib.resolve("libc10.so"),
                        lib.resolve("libtorch_cpu.so"),
                        lib.resolve("libc10_cuda.so"),
                        lib.resolve("libtorch_cuda.so"));
    }

    @Test
    void saysThatLibtorchHomeIsNotAFolder() {
        assertThatThrownBy(() -> named(temp.resolve("nowhere")))
                .isInstanceOf(NativeLibraryException.class)
                .hasMessageContaining("LIBTORCH_HOME names " + temp.resolve("nowhere"))
                .hasMessageContaining("not a folder")
                .hasMessageContaining("unset it");
    }

    @Test
    void saysWhereItLookedForTheLibraryInLibtorchHome() {
        assertThatThrownBy(() -> named(temp))
                .isInstanceOf(NativeLibraryException.class)
                .hasMessageContaining("no libtorch_cpu.so")
                .hasMessageContaining(temp.resolve("lib/libtorch_cpu.so").toString())
                .hasMessageContaining(temp.resolve("libtorch_cpu.so").toString())
                .hasMessageContaining("unset it");
    }

    @Test
    void unpacksTheJarsOfTheClassPathIntoOneFolder() throws IOException {
        var home = fromJars(FakeJars.torch(temp), FakeJars.blas(temp));

        assertThat(home.origin()).isEqualTo(LibTorchHome.Origin.MAVEN);
        assertThat(home.directory().getParent()).isEqualTo(cache.resolve("libtorch"));
        assertThat(home.directory().getFileName().toString())
                .matches("2\\.10\\.0-1\\.5\\.13-linux-x86_64-[0-9a-f]{8}");
        assertThat(home.libraries())
                .extracting(p -> p.getFileName().toString())
                .containsExactly(
                        "libgomp.so.1",
                        "libquadmath.so.0",
                        "libgfortran.so.5",
                        "libopenblas.so.0",
                        "libc10.so",
                        "libtorch_cpu.so",
                        "libtorch.so");
        assertThat(home.directory().resolve("libtorch_cpu.so"))
                .hasContent("the machine code of libtorch_cpu");
    }

    @Test
    void leavesJavaCppsLibrariesAndGccsRuntimeInTheJar() throws IOException {
        var home = fromJars(FakeJars.torch(temp), FakeJars.blas(temp));

        assertThat(names(home.directory())).containsExactlyInAnyOrder(CPU_FILES);
    }

    @Test
    void prefersTheJarWithCuda() throws IOException {
        var home = fromJars(FakeJars.torch(temp), FakeJars.torchGpu(temp), FakeJars.blas(temp));

        assertThat(home.directory().getFileName().toString()).contains("-linux-x86_64-gpu-");
        assertThat(home.libraries())
                .extracting(p -> p.getFileName().toString())
                .containsSubsequence(
                        "libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so");
    }

    @Test
    void findsJarsInAFolderWhoseNameHasSpaces() throws IOException {
        var folder = Files.createDirectories(temp.resolve("my jars + ümlaut"));

        var home = fromJars(FakeJars.torch(folder), FakeJars.blas(folder));

        assertThat(home.directory().resolve("libtorch_cpu.so")).exists();
    }

    @Test
    void readsJarsThatAreNestedInAnExecutableJar() throws IOException {
        FakeJars.torch(temp);
        FakeJars.blas(temp);

        try (var loader =
                new NestedJarLoader(
                        temp.resolve("app.jar"),
                        List.of(temp.resolve("pytorch.jar"), temp.resolve("openblas.jar")))) {
            var home = locate(Map.of(), loader);

            assertThat(home.directory().resolve("libtorch_cpu.so"))
                    .hasContent("the machine code of libtorch_cpu");
            assertThat(home.directory().resolve("libopenblas.so.0")).hasContent("BLAS");
            assertThat(home)
                    .isEqualTo(fromJars(temp.resolve("pytorch.jar"), temp.resolve("openblas.jar")));
        }
    }

    @Test
    void readsJarsThatWereMergedIntoOne() throws IOException {
        var home = fromJars(FakeJars.merged(temp, FakeJars.torch(temp), FakeJars.blas(temp)));

        assertThat(names(home.directory())).containsExactlyInAnyOrder(CPU_FILES);
    }

    @Test
    void findsJarsOfTheModulePathThatNoModuleRequires() throws IOException {
        var jars = Files.createDirectories(temp.resolve("jars"));
        FakeJars.torch(jars);
        var blas = FakeJars.blas(temp);

        var urls = ModulePathLoader.jars(jars + File.pathSeparator + blas);

        assertThat(urls)
                .containsExactly(jars.resolve("pytorch.jar").toUri().toURL(), blas.toUri().toURL());
        assertThat(ModulePathLoader.jars("")).isEmpty();
    }

    @Test
    void saysThatNoJarHasLibTorchForThisPlatform() {
        assertThatThrownBy(this::fromJars)
                .isInstanceOf(NativeLibraryException.class)
                .hasMessageContaining("LIBTORCH_HOME is not set")
                .hasMessageContaining("linux-x86_64-gpu/libtorch_cpu.so")
                .hasMessageContaining("linux-x86_64/libtorch_cpu.so")
                .hasMessageContaining("org.bytedeco:pytorch");
    }

    @Test
    void saysThatTheBlasJarIsMissing() throws IOException {
        var torch = FakeJars.torch(temp);

        assertThatThrownBy(() -> fromJars(torch))
                .isInstanceOf(NativeLibraryException.class)
                .hasMessageContaining(torch.toString())
                .hasMessageContaining("libopenblas.so.0")
                .hasMessageContaining("org.bytedeco:openblas");
    }

    @Test
    void saysThatFilesOutsideAJarAreNotTaken() throws IOException {
        var exploded = temp.resolve("exploded");
        touch(Files.createDirectories(exploded.resolve(FakeJars.TORCH)), "libtorch_cpu.so");
        touch(Files.createDirectories(exploded.resolve(FakeJars.BLAS)), "libopenblas.so.0");

        assertThatThrownBy(() -> fromJars(exploded))
                .isInstanceOf(NativeLibraryException.class)
                .hasMessageContaining("libtorch_cpu.so is not in a jar")
                .hasMessageContaining("LIBTORCH_HOME");
    }

    @Test
    void treatsAnEmptyLibtorchHomeAsUnset() throws IOException {
        try (var loader = FakeJars.loader(FakeJars.torch(temp), FakeJars.blas(temp))) {
            var home = locate(Map.of("LIBTORCH_HOME", " "), loader);
            assertThat(home.origin()).isEqualTo(LibTorchHome.Origin.MAVEN);
        }
    }

    private LibTorchHome named(Path directory) throws IOException {
        try (var loader = FakeJars.loader()) {
            return locate(Map.of("LIBTORCH_HOME", directory.toString()), loader);
        }
    }

    private LibTorchHome fromJars(Path... jars) throws IOException {
        try (var loader = FakeJars.loader(jars)) {
            return locate(Map.of(), loader);
        }
    }

    private LibTorchHome locate(Map<String, String> environment, ClassLoader loader) {
        return LibTorchHome.locate(environment, loader, cache, Platform.LINUX_X86_64, _ -> {});
    }

    private static void touch(Path folder, String... names) throws IOException {
        for (var name : names) {
            Files.writeString(folder.resolve(name), name);
        }
    }

    static List<String> names(Path folder) throws IOException {
        try (var children = Files.list(folder)) {
            return children.map(p -> p.getFileName().toString()).toList();
        }
    }
}
