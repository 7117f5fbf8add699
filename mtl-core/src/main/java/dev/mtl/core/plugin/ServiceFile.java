package dev.mtl.core.plugin;

import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Reads service files, in ServiceLoader's format, because ServiceLoader's errors do not always name
 * the provider.
 */
final class ServiceFile {
    private ServiceFile() {}

    /** The file of a service. */
    static String name(Class<?> service) {
        return "META-INF/services/" + service.getName();
    }

    /** The classes that a plugin's files of a service name, each once. */
    static List<String> read(URLClassLoader loader, Class<?> service) throws IOException {
        var names = new LinkedHashSet<String>();
        for (var file : Collections.list(loader.findResources(name(service)))) {
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
