package dev.mtl.cli;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The heads of a call: those that ship, and those of {@code --plugins}. */
final class Plugins {
    @Option(
            names = "--plugins",
            paramLabel = "JAR_OR_DIR",
            description = "A jar with heads, or a directory of jars; repeatable.")
    private List<Path> paths = new ArrayList<>();

    /** Finds all heads. The class loaders live as long as the process. */
    HeadRegistry heads() {
        var parent = Objects.requireNonNull(Plugins.class.getClassLoader());
        var loaders = new ArrayList<ClassLoader>();
        loaders.add(parent);
        for (var path : paths) {
            for (var jars : plugins(path)) {
                loaders.add(new URLClassLoader(jars, parent));
            }
        }
        return HeadRegistry.load(loaders);
    }

    /**
     * Each plugin's class path: a jar is a plugin, a directory with jars is one for each, any other
     * directory holds classes.
     */
    private static List<URL[]> plugins(Path path) {
        if (!Files.exists(path)) {
            throw new ConfigurationException("--plugins " + path + ": no such file or directory");
        }
        try {
            if (Files.isDirectory(path)) {
                try (var files = Files.list(path)) {
                    var jars = files.filter(f -> f.toString().endsWith(".jar")).sorted().toList();
                    if (!jars.isEmpty()) {
                        return jars.stream().map(Plugins::url).toList();
                    }
                }
            }
            return List.<URL[]>of(url(path));
        } catch (IOException e) {
            throw new ConfigurationException(
                    "--plugins " + path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static URL[] url(Path path) {
        try {
            return new URL[] {path.toUri().toURL()};
        } catch (MalformedURLException e) {
            throw new ConfigurationException("--plugins " + path + ": " + e.getMessage(), e);
        }
    }
}
