package dev.mtl.natives;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A folder with LibTorch's libraries.
 *
 * @param directory the absolute folder that holds the libraries themselves
 * @param origin who brought it
 * @param libraries the absolute paths of the libraries to load, in this order; what they need
 *     beyond that, they find beside themselves
 */
public record LibTorchHome(Path directory, Origin origin, List<Path> libraries) {
    /** The environment variable that names a LibTorch of the user's own. */
    public static final String VARIABLE = "LIBTORCH_HOME";

    /** Who brought the files. */
    public enum Origin {
        /** The user, by the environment variable of this name. */
        LIBTORCH_HOME,
        /** The Maven artifacts on the class path, unpacked into the cache folder. */
        MAVEN
    }

    public LibTorchHome {
        libraries = List.copyOf(libraries);
    }

    /**
     * The LibTorch that the environment variable {@code LIBTORCH_HOME} names, else the one on the
     * class path, which is unpacked into the cache folder if it is not there yet.
     *
     * @throws NativeLibraryException if there is none, or if it cannot be unpacked
     */
    public static LibTorchHome locate() {
        var environment = System.getenv();
        return locate(
                environment, LibTorchHome.class.getClassLoader(), CacheFolder.root(environment));
    }

    /**
     * The same, from stated places.
     *
     * @param environment where {@code LIBTORCH_HOME} is looked up; empty counts as unset
     * @param classLoader where the jars with the native files are looked for
     * @param cacheRoot the folder under whose {@code libtorch} folder they are unpacked
     * @throws NativeLibraryException if there is none, or if it cannot be unpacked
     */
    public static LibTorchHome locate(
            Map<String, String> environment, ClassLoader classLoader, Path cacheRoot) {
        return locate(environment, classLoader, cacheRoot, Platform.current());
    }

    static LibTorchHome locate(
            Map<String, String> environment,
            ClassLoader classLoader,
            Path cacheRoot,
            Platform platform) {
        var named = environment.getOrDefault(VARIABLE, "");
        if (!named.isBlank()) {
            return of(userDirectory(Path.of(named), platform), Origin.LIBTORCH_HOME, platform);
        }
        var jars = MavenJars.find(classLoader, platform);
        var directory = new UnpackedFolder(cacheRoot.resolve("libtorch"), jars).provide();
        return of(directory, Origin.MAVEN, platform);
    }

    /**
     * Reads every file that was unpacked from a jar and compares its checksum with the one noted
     * when it was unpacked; a few seconds. Starting MTL compares sizes only.
     *
     * @return what is wrong, one line for each damaged file; empty if all is well, and always empty
     *     for a LibTorch of the user's own, for which no checksums are known
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

    /** A LibTorch distribution has its libraries in {@code lib}, a Python installation beside. */
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
