package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The map of packages in {@code CONTRIBUTING.md}. */
class PackageMapTest {
    private static final Path ROOT = Path.of("..");

    @Test
    void namesEveryPackage() throws IOException {
        var text = Files.readString(ROOT.resolve("CONTRIBUTING.md"));
        for (var name : packages()) {
            var parent = name.substring(0, name.lastIndexOf('.'));
            var nested = "`..." + name.substring(parent.length() + 1) + "`";
            assertThat(
                            text.contains("`" + name + "`")
                                    || text.contains("`" + parent + "`") && text.contains(nested)
                                    || parent.equals("dev.mtl.heads"))
                    .as(name + " is not in the package map of CONTRIBUTING.md")
                    .isTrue();
        }
    }

    private static ArrayList<String> packages() throws IOException {
        var packages = new ArrayList<String>();
        for (var module : modules()) {
            var sources = module.resolve("src/main/java");
            if (Files.isDirectory(sources)) {
                try (var files = Files.walk(sources)) {
                    files.filter(file -> file.endsWith("package-info.java"))
                            .map(file -> sources.relativize(file).getParent().toString())
                            .map(folder -> folder.replaceAll("[/\\\\]", "."))
                            .forEach(packages::add);
                }
            }
        }
        assertThat(packages).hasSizeGreaterThan(20);
        return packages;
    }

    /** The folders at the top and those in {@code integrations}. */
    private static List<Path> modules() throws IOException {
        var modules = new ArrayList<Path>();
        for (var parent : List.of(ROOT, ROOT.resolve("integrations"))) {
            try (var folders = Files.list(parent)) {
                folders.sorted().forEach(modules::add);
            }
        }
        return modules;
    }
}
