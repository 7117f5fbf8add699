package dev.mtl.natives;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The class loader of this class, and the jars of the module path that it does not see: the jars
 * with native files are modules that no module requires, so that the JVM leaves them out.
 */
final class ModulePathLoader {
    private ModulePathLoader() {}

    static URLClassLoader open() {
        var path = System.getProperty("jdk.module.path", "");
        return new URLClassLoader(jars(path), ModulePathLoader.class.getClassLoader());
    }

    /**
     * The jars of a module path.
     *
     * @param path jars and folders of jars, as {@code --module-path} takes them
     */
    static URL[] jars(String path) {
        var jars = new ArrayList<URL>();
        Arrays.stream(path.split(File.pathSeparator))
                .filter(entry -> !entry.isEmpty())
                .flatMap(entry -> jarsAt(Path.of(entry)).stream())
                .forEach(jar -> jars.add(url(jar)));
        return jars.toArray(URL[]::new);
    }

    private static List<Path> jarsAt(Path entry) {
        if (!Files.isDirectory(entry)) {
            return List.of(entry);
        }
        var files = entry.toFile().list((_, name) -> name.endsWith(".jar"));
        return files == null ? List.of() : Stream.of(files).sorted().map(entry::resolve).toList();
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new AssertionError("the address of a file has the scheme file:", e);
        }
    }
}
