package dev.mtl.architecture;

import java.io.File;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The class path of this JVM, divided as Maven divides it for a module: jars that a module
 * requires, directly or not, are on the module path, all others on the class path.
 *
 * @param modules the locations of all modules on the class path, by name
 * @param others locations that are no module
 */
record ModulePath(Map<String, Module> modules, List<Path> others) {
    /** A module and where it is. */
    record Module(ModuleDescriptor descriptor, Path location) {
        String name() {
            return descriptor.name();
        }
    }

    static ModulePath ofThisJvm() {
        var modules = new LinkedHashMap<String, Module>();
        var others = new LinkedHashSet<Path>();
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> !path.endsWith("test-classes"))
                .filter(path -> !path.toString().endsWith("-tests.jar"))
                .forEach(
                        path ->
                                descriptor(path)
                                        .ifPresentOrElse(
                                                d -> modules.put(d.name(), new Module(d, path)),
                                                () -> others.add(path)));
        return new ModulePath(modules, List.copyOf(others));
    }

    private static Optional<ModuleDescriptor> descriptor(Path location) {
        try {
            return ModuleFinder.of(location).findAll().stream()
                    .findFirst()
                    .map(m -> m.descriptor());
        } catch (FindException e) {
            return Optional.empty();
        }
    }

    /** The JVM's options that run with {@code root} and all that it requires as modules. */
    List<String> options(String root) {
        var required = new LinkedHashSet<String>();
        var queue = new ArrayDeque<>(List.of(root));
        while (!queue.isEmpty()) {
            var module = modules.get(queue.remove());
            if (module != null && required.add(module.name())) {
                module.descriptor().requires().stream().map(Requires::name).forEach(queue::add);
            }
        }
        return List.of(
                "--module-path",
                join(required.stream().map(name -> modules.get(name).location()).toList()),
                "--class-path",
                join(
                        Stream.concat(
                                        others.stream(),
                                        modules.values().stream()
                                                .filter(m -> !required.contains(m.name()))
                                                .map(Module::location))
                                .toList()));
    }

    private static String join(List<Path> paths) {
        return paths.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
