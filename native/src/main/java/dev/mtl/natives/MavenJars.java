package dev.mtl.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;

/**
 * The native files of LibTorch and its BLAS in the jars that a class loader sees.
 *
 * @param version of the LibTorch artifact, such as {@code 2.10.0-1.5.13}
 * @param classifier of the LibTorch artifact, such as {@code linux-x86_64-gpu}
 * @param files all files to unpack, each into the same folder
 */
record MavenJars(String version, String classifier, List<NativeFile> files) {
    private static final String TORCH = "org/bytedeco/pytorch/";
    private static final String BLAS = "org/bytedeco/openblas/";

    /** {@code libx.so}, {@code libx.so.1}, {@code libx.dylib}, {@code x.dll}. */
    private static final Pattern LIBRARY = Pattern.compile(".+\\.(so(\\.\\d+)*|dylib|dll)");

    /**
     * Not unpacked: JavaCPP's libraries, and on Linux GCC's runtime, which must match the machine's
     * libstdc++ and must not be older.
     */
    private static final Pattern NOT_OURS = Pattern.compile("(lib)?jni.*|libgcc_s\\.so.*");

    /**
     * One library in a jar; size and CRC-32 are from the jar's directory, and identify its content
     * without reading it.
     */
    record NativeFile(NativeJar jar, String entry, String name, long size, long crc) {}

    MavenJars {
        files = List.copyOf(files);
    }

    /** The name of the folder for exactly these files: version, classifier, short hash. */
    String folderName() {
        var identity = new StringBuilder();
        for (var file : files) {
            identity.append("%s %d %08x\n".formatted(file.name(), file.size(), file.crc()));
        }
        var hash = Sha256.hex(identity.toString().getBytes(StandardCharsets.UTF_8));
        return version + "-" + classifier + "-" + hash.substring(0, 8);
    }

    /** The size of the unpacked files in bytes. */
    long totalSize() {
        return files.stream().mapToLong(NativeFile::size).sum();
    }

    /**
     * Looks for the artifact with CUDA first, then for the CPU's.
     *
     * @throws NativeLibraryException if the class path has none for this platform
     */
    static MavenJars find(ClassLoader classLoader, Platform platform) {
        var candidates = List.of(platform.gpuClassifier(), platform.classifier());
        for (var classifier : candidates) {
            var resource = TORCH + classifier + "/" + platform.mainLibrary();
            var torch = classLoader.getResource(resource);
            if (torch != null) {
                return read(classLoader, platform, classifier, torch);
            }
        }
        throw new NativeLibraryException(
                "no LibTorch: the environment variable "
                        + LibTorchHome.VARIABLE
                        + " is not set, and no jar on the class path has "
                        + String.join(
                                " or ",
                                candidates.stream()
                                        .map(c -> TORCH + c + "/" + platform.mainLibrary())
                                        .toList())
                        + "; add org.bytedeco:pytorch with the classifier "
                        + platform.classifier()
                        + " (MTL's own build does), or point "
                        + LibTorchHome.VARIABLE
                        + " at a LibTorch");
    }

    private static MavenJars read(
            ClassLoader classLoader, Platform platform, String classifier, URL torch) {
        var blasResource = BLAS + platform.classifier() + "/" + platform.blasLibrary();
        var blas = classLoader.getResource(blasResource);
        var torchJar = NativeJar.of(torch);
        if (blas == null) {
            throw new NativeLibraryException(
                    "LibTorch is on the class path ("
                            + torchJar
                            + "), but its BLAS is not: no jar has "
                            + blasResource
                            + "; add org.bytedeco:openblas with the classifier "
                            + platform.classifier());
        }
        var files = new ArrayList<NativeFile>();
        try {
            files.addAll(libraries(torchJar, TORCH + classifier + "/"));
            files.addAll(libraries(NativeJar.of(blas), BLAS + platform.classifier() + "/"));
            return new MavenJars(version(torchJar), classifier, files);
        } catch (IOException e) {
            throw new NativeLibraryException(
                    "the jars with LibTorch cannot be read: "
                            + e.getMessage()
                            + "; let Maven download them again, or build the application's jar"
                            + " again ("
                            + torchJar
                            + ")",
                    e);
        }
    }

    private static List<NativeFile> libraries(NativeJar jar, String folder) throws IOException {
        try (var zip = jar.open()) {
            return zip.stream()
                    .filter(entry -> isLibrary(entry, folder))
                    .map(
                            entry ->
                                    new NativeFile(
                                            jar,
                                            entry.getName(),
                                            entry.getName().substring(folder.length()),
                                            entry.getSize(),
                                            entry.getCrc()))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean isLibrary(ZipEntry entry, String folder) {
        if (!entry.getName().startsWith(folder)) {
            return false;
        }
        var name = entry.getName().substring(folder.length());
        return !name.contains("/")
                && LIBRARY.matcher(name).matches()
                && !NOT_OURS.matcher(name).matches();
    }

    private static String version(NativeJar jar) throws IOException {
        try (var zip = jar.open()) {
            var entry = zip.getEntry("META-INF/maven/org.bytedeco/pytorch/pom.properties");
            if (entry == null) {
                return "unknown";
            }
            var properties = new Properties();
            try (var stream = zip.getInputStream(entry)) {
                properties.load(stream);
            }
            return properties.getProperty("version", "unknown");
        }
    }
}
