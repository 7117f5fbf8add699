package dev.mtl.natives;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Jars laid out like LibTorch's and OpenBLAS's Maven artifacts, with a few bytes in each file. */
final class FakeJars {
    static final String TORCH = "org/bytedeco/pytorch/linux-x86_64/";
    static final String TORCH_GPU = "org/bytedeco/pytorch/linux-x86_64-gpu/";
    static final String BLAS = "org/bytedeco/openblas/linux-x86_64/";

    private FakeJars() {}

    static Path torch(Path folder) throws IOException {
        return torch(folder, "the machine code of libtorch_cpu");
    }

    static Path torch(Path folder, String mainLibrary) throws IOException {
        return jar(
                folder.resolve("pytorch.jar"),
                Map.of(
                        "META-INF/maven/org.bytedeco/pytorch/pom.properties",
                        "groupId=org.bytedeco\nversion=2.10.0-1.5.13\n",
                        TORCH + "libtorch_cpu.so",
                        mainLibrary,
                        TORCH + "libtorch.so",
                        "a stub",
                        TORCH + "libc10.so",
                        "the machine code of libc10",
                        TORCH + "libgomp.so.1",
                        "OpenMP",
                        TORCH + "libjnitorch.so",
                        "JavaCPP's",
                        TORCH + "jnijavacpp.cpp",
                        "JavaCPP's"));
    }

    static Path torchGpu(Path folder) throws IOException {
        return jar(
                folder.resolve("pytorch-gpu.jar"),
                Map.of(
                        "META-INF/maven/org.bytedeco/pytorch/pom.properties",
                        "version=2.10.0-1.5.13\n",
                        TORCH_GPU + "libtorch_cpu.so",
                        "the machine code of libtorch_cpu with CUDA",
                        TORCH_GPU + "libtorch_cuda.so",
                        "the machine code of libtorch_cuda",
                        TORCH_GPU + "libc10_cuda.so",
                        "the machine code of libc10_cuda",
                        TORCH_GPU + "libc10.so",
                        "the machine code of libc10",
                        TORCH_GPU + "libjnitorch_cuda.so",
                        "JavaCPP's"));
    }

    static Path blas(Path folder) throws IOException {
        return jar(
                folder.resolve("openblas.jar"),
                Map.of(
                        BLAS + "libopenblas.so.0", "BLAS",
                        BLAS + "libgfortran.so.5", "Fortran",
                        BLAS + "libquadmath.so.0", "128 bits",
                        BLAS + "libgcc_s.so.1", "GCC's",
                        BLAS + "libjniopenblas_nolapack.so", "JavaCPP's",
                        BLAS + "lib/pkgconfig/openblas.pc", "not a library"));
    }

    /** One jar with the files of several, as maven-shade-plugin makes it. */
    static Path merged(Path folder, Path... jars) throws IOException {
        var entries = new TreeMap<String, String>();
        for (var jar : jars) {
            try (var zip = new ZipFile(jar.toFile())) {
                for (var entry : Collections.list(zip.entries())) {
                    var bytes = zip.getInputStream(entry).readAllBytes();
                    entries.put(entry.getName(), new String(bytes, StandardCharsets.UTF_8));
                }
            }
        }
        return jar(folder.resolve("app.jar"), entries);
    }

    /** A class loader that sees these jars and nothing of the tests' own class path. */
    static URLClassLoader loader(Path... jars) throws IOException {
        var urls = new URL[jars.length];
        for (int i = 0; i < jars.length; i++) {
            urls[i] = jars[i].toUri().toURL();
        }
        return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    }

    private static Path jar(Path jar, Map<String, String> entries) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (var entry : new TreeMap<>(entries).entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return jar;
    }
}
