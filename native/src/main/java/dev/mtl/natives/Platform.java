package dev.mtl.natives;

import java.util.List;
import java.util.Locale;

/**
 * An operating system and processor for which LibTorch's Maven artifacts exist.
 *
 * @param classifier the Maven classifier of the CPU files, which is also their folder in the jars
 * @param mainLibrary the library that every LibTorch has
 * @param blasLibrary the BLAS that the main library of the Maven artifact is linked with
 * @param loadOrder the libraries to load, each after its dependencies. A LibTorch may have only
 *     some of them; its libraries find their other dependencies in the same folder.
 */
record Platform(String classifier, String mainLibrary, String blasLibrary, List<String> loadOrder) {
    static final Platform LINUX_X86_64 =
            new Platform(
                    "linux-x86_64",
                    "libtorch_cpu.so",
                    "libopenblas.so.0",
                    // libgfortran does not look in its own folder for libquadmath, hence this
                    // order.
                    List.of(
                            "libgomp.so.1",
                            "libquadmath.so.0",
                            "libgfortran.so.5",
                            "libopenblas.so.0",
                            "libc10.so",
                            "libtorch_cpu.so",
                            "libc10_cuda.so",
                            "libtorch_cuda.so",
                            "libtorch.so"));

    static final Platform MACOSX_ARM64 =
            new Platform(
                    "macosx-arm64",
                    "libtorch_cpu.dylib",
                    "libopenblas.0.dylib",
                    List.of(
                            "libgcc_s.1.1.dylib",
                            "libiomp5.dylib",
                            "libomp.dylib",
                            "libquadmath.0.dylib",
                            "libgfortran.5.dylib",
                            "libgfortran.dylib",
                            "libopenblas.0.dylib",
                            "libc10.dylib",
                            "libtorch_cpu.dylib",
                            "libtorch.dylib"));

    static final Platform WINDOWS_X86_64 =
            new Platform(
                    "windows-x86_64",
                    "torch_cpu.dll",
                    "libopenblas.dll",
                    // Windows does not look in the folder of the loading library, so this lists
                    // everything, in dependency order.
                    List.of(
                            "libopenblas.dll",
                            "libiomp5md.dll",
                            "asmjit.dll",
                            "fbgemm.dll",
                            "uv.dll",
                            "c10.dll",
                            "torch_cpu.dll",
                            "c10_cuda.dll",
                            "torch_cuda.dll",
                            "torch.dll"));

    Platform {
        loadOrder = List.copyOf(loadOrder);
    }

    /** The Maven classifier of the files with CUDA. */
    String gpuClassifier() {
        return classifier + "-gpu";
    }

    /**
     * The platform of a Java virtual machine.
     *
     * @param osName the system property {@code os.name}
     * @param osArch the system property {@code os.arch}
     */
    static Platform of(String osName, String osArch) {
        var os = osName.toLowerCase(Locale.ROOT);
        var arch = osArch.toLowerCase(Locale.ROOT);
        boolean x86 = arch.equals("amd64") || arch.equals("x86_64");
        boolean arm = arch.equals("aarch64") || arch.equals("arm64");
        if (os.startsWith("linux") && x86) {
            return LINUX_X86_64;
        }
        if (os.startsWith("mac") && arm) {
            return MACOSX_ARM64;
        }
        if (os.startsWith("windows") && x86) {
            return WINDOWS_X86_64;
        }
        throw new NativeLibraryException(
                "MTL supports LibTorch on Linux x86-64, macOS arm64 and Windows x86-64, not on "
                        + osName
                        + " on "
                        + osArch
                        + "; run it on one of those, or in an x86-64 Linux container");
    }

    static Platform current() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }
}
