package dev.mtl.core.plugin;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.internal.Reasons;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** Finds the heads and the data formats of plugins. */
public final class HeadPlugins {
    /**
     * The packages that a plugin sees beside the JDK: of the packages that MTL's modules export,
     * those that a head can use. Loading and running whole models is not a head's work. Two dots at
     * the end include the packages below.
     */
    public static final List<String> PUBLIC_API =
            List.of(
                    "dev.mtl.core",
                    "dev.mtl.core.data",
                    "dev.mtl.core.head..",
                    "dev.mtl.core.nn",
                    "dev.mtl.core.pipeline",
                    "dev.mtl.core.tokenizer",
                    "dev.mtl.torch",
                    "dev.mtl.torch.error",
                    "dev.mtl.torch.optim",
                    "dev.mtl.torch.runtime",
                    "org.jspecify.annotations",
                    "org.slf4j..");

    private HeadPlugins() {}

    /**
     * Finds what some plugins have. A jar is a plugin, a directory with jars has one plugin per
     * jar, and any other directory is a plugin of compiled classes. Their class loaders stay open
     * for the life of the process.
     *
     * @throws ConfigurationException if a plugin cannot be read, has neither a head nor a format,
     *     or has one that cannot be made; it names plugin and class
     */
    public static HeadRegistry.Extensions find(List<Path> paths) {
        var plugins = new LinkedHashSet<Path>();
        for (var path : paths) {
            plugins.addAll(plugins(path.toAbsolutePath().normalize()));
        }
        var heads = new ArrayList<HeadRegistry.Found>();
        var formats = new ArrayList<HeadRegistry.FoundFormat>();
        for (var plugin : plugins) {
            var found = Plugin.open(plugin).extensions();
            heads.addAll(found.heads());
            formats.addAll(found.formats());
        }
        return new HeadRegistry.Extensions(heads, formats);
    }

    private static List<Path> plugins(Path path) {
        if (!Files.exists(path)) {
            throw new ConfigurationException("plugin " + path + ": no such file or directory");
        }
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (var files = Files.list(path)) {
            var jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
            return jars.isEmpty() ? List.of(path) : jars;
        } catch (IOException e) {
            throw new ConfigurationException(
                    "plugin " + path + ": cannot be read: " + Reasons.of(e), e);
        }
    }
}
