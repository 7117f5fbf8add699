package dev.mtl.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.plugin.HeadPlugins;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The public surface of each module: what its module-info exports to everyone. */
class ExportsTest {
    private static final ModulePath PATH = ModulePath.ofThisJvm();

    /**
     * docs/decisions/024 and 048 say why mtl-core has as many, 040 why mtl-train has three more
     * than 20.
     */
    @ParameterizedTest
    @CsvSource({"dev.mtl.torch, 20", "dev.mtl.core, 55", "dev.mtl.train, 23"})
    void aModuleExportsNoMorePublicTypesThanItsLimit(String module, int limit) throws IOException {
        assertThat(exportedTypes(module)).isNotEmpty().hasSizeLessThanOrEqualTo(limit);
    }

    /** A head that runs as a module on the module path runs as a plugin, too. */
    @Test
    void everyPackageThatPluginsSeeIsExported() {
        var exported =
                Stream.of("dev.mtl.core", "dev.mtl.torch")
                        .flatMap(module -> exportedPackages(module).stream())
                        .toList();
        var seen =
                HeadPlugins.PUBLIC_API.stream()
                        .filter(shown -> shown.startsWith("dev.mtl."))
                        .map(
                                shown ->
                                        shown.endsWith("..")
                                                ? shown.substring(0, shown.length() - 2)
                                                : shown)
                        .toList();

        assertThat(seen).isNotEmpty().isSubsetOf(exported);
    }

    private static Set<String> exportedPackages(String module) {
        return PATH.modules().get(module).descriptor().exports().stream()
                .filter(exports -> !exports.isQualified())
                .map(Exports::source)
                .collect(Collectors.toSet());
    }

    /** The public top-level types of the packages that a module exports to everyone. */
    private static List<String> exportedTypes(String module) throws IOException {
        var exported = exportedPackages(module);
        var location = PATH.modules().get(module).location();
        var reference = ModuleFinder.of(location).find(module).orElseThrow();
        try (var reader = reference.open();
                var names = reader.list()) {
            return names.filter(name -> name.endsWith(".class") && !name.contains("$"))
                    .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
                    .filter(name -> exported.contains(packageOf(name)))
                    .filter(name -> !name.endsWith("package-info") && isPublic(name))
                    .sorted()
                    .toList();
        }
    }

    private static String packageOf(String type) {
        return type.substring(0, Math.max(0, type.lastIndexOf('.')));
    }

    private static boolean isPublic(String type) {
        try {
            return Modifier.isPublic(
                    Class.forName(type, false, ExportsTest.class.getClassLoader()).getModifiers());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
