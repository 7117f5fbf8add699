package dev.mtl.cli.option;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.plugin.HeadPlugins;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The heads that a command can use: those that ship with MTL, and those of {@code --plugins}. */
public final class Plugins {
    @Option(
            names = "--plugins",
            paramLabel = "JAR_OR_DIR",
            description =
                    "Load more heads from a jar, or from all jars of a directory. Repeatable.")
    private List<Path> paths = new ArrayList<>();

    public HeadRegistry heads() {
        return HeadRegistry.load().with(HeadPlugins.find(paths));
    }
}
