package dev.mtl.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A folder with LibTorch's libraries.
 *
 * @param directory the folder of the libraries, absolute
 * @param origin where they come from
 * @param libraries the absolute paths of the libraries to load, in this order; they find their
 *     other dependencies in the same folder
 */
public record LibTorchHome(Path directory, Origin origin, List<Path> libraries) {
    /** The environment variable that names a LibTorch of the user's. */
    public static final String VARIABLE = "LIBTORCH_HOME";

    /** Where the files come from. */
    public enum Origin {
        /** The environment variable of this name. */
        LIBTORCH_HOME,
        /** The Maven artifacts of the application, unpacked into the cache folder. */
        MAVEN
    }

    public LibTorchHome {
        libraries = List.copyOf(libraries);
    }

    /**
     * The LibTorch that the environment variable {@code LIBTORCH_HOME} names, else the one in the
     * jars of the class path or the module path, which is unpacked into the cache folder on first
     * use.
     *
     * @param log is told that files are being unpacked, and why
     * @throws NativeLibraryException if there is none, or if it cannot be unpacked
     */
    public static LibTorchHome locate(Consumer<String> log) {
        var environment = System.getenv();
        try (var classLoader = ModulePathLoader.open()) {
            return locate(
                    environment,
                    classLoader,
                    CacheFolder.root(environment),
                    Platform.current(),
                    log);
        } catch (IOException e) {
            throw new NativeLibraryException(
                    "the jars of the module path cannot be closed: " + e.getMessage(), e);
        }
    }

    /**
     * The same with an explicit environment, class path, cache and platform.
     *
     * @param environment where {@code LIBTORCH_HOME} is looked up; empty counts as unset
     * @param classLoader where the jars with the native files are looked for
     * @param cacheRoot the files are unpacked into a folder below its {@code libtorch} folder
     */
    static LibTorchHome locate(
            Map<String, String> environment,
            ClassLoader classLoader,
            Path cacheRoot,
            Platform platform,
            Consumer<String> log) {
        var named = environment.getOrDefault(VARIABLE, "");
        if (!named.isBlank()) {
            return of(userDirectory(Path.of(named), platform), Origin.LIBTORCH_HOME, platform);
        }
        var jars = MavenJars.find(classLoader, platform);
        var directory = new UnpackedFolder(cacheRoot.resolve("libtorch"), jars, log).provide();
        return of(directory, Origin.MAVEN, platform);
    }

    /**
     * Reads every file that was unpacked from a jar and compares its checksum with the one recorded
     * when it was unpacked, which takes a few seconds. At start, MTL compares sizes only.
     *
     * @return one line per damaged file; empty if there is none, and always empty for a LibTorch of
     *     the user's, whose checksums are unknown
     * @throws NativeLibraryException if a file cannot be read
     */
    public List<String> verifyChecksums() {
        return origin == Origin.MAVEN ? UnpackedFolder.verifyChecksums(directory) : List.of();
    }

    private static LibTorchHome of(Path directory, Origin origin, Platform platform) {
        var libraries =
                platform.loadOrder().stream()
                        .map(directory::resolve)
                        .filter(Files::isRegularFile)
                        .toList();
        return new LibTorchHome(directory, origin, libraries);
    }

    /** A LibTorch distribution has its libraries in {@code lib}, {@code torch/lib} directly. */
    private static Path userDirectory(Path named, Platform platform) {
        var root = named.toAbsolutePath().normalize();
        if (!Files.isDirectory(root)) {
            throw new NativeLibraryException(
                    VARIABLE
                            + " names "
                            + root
                            + ", which is not a folder; "
                            + "point it at an unpacked LibTorch or at the torch/lib folder of a"
                            + " Python installation, or unset it to use the LibTorch from Maven");
        }
        for (var directory : List.of(root.resolve("lib"), root)) {
            if (Files.isRegularFile(directory.resolve(platform.mainLibrary()))) {
                return directory;
            }
        }
        throw new NativeLibraryException(
                VARIABLE
                        + " names "
                        + root
                        + ", but there is no "
                        + platform.mainLibrary()
                        + " in it; looked at "
                        + root.resolve("lib").resolve(platform.mainLibrary())
                        + " and "
                        + root.resolve(platform.mainLibrary())
                        + "; point it at an unpacked LibTorch or at the torch/lib folder of a"
                        + " Python installation, or unset it to use the LibTorch from Maven");
    }
}
