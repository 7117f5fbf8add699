package dev.mtl.core.plugin;

import dev.mtl.core.head.HeadProvider;

import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Reads the service file of heads, in ServiceLoader's format, because ServiceLoader's errors do not
 * always name the provider.
 */
final class ServiceFile {
    static final String NAME = "META-INF/services/" + HeadProvider.class.getName();

    private ServiceFile() {}

    /** The classes that a plugin's service files name, each once. */
    static List<String> read(URLClassLoader loader) throws IOException {
        var names = new LinkedHashSet<String>();
        for (var file : Collections.list(loader.findResources(NAME))) {
            var connection = file.openConnection();
            connection.setUseCaches(false); // a jar may be replaced while the process lives
            try (var in = connection.getInputStream()) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> line.replaceFirst("#.*", "").strip())
                        .filter(line -> !line.isEmpty())
                        .forEach(names::add);
            }
        }
        return List.copyOf(names);
    }
}
