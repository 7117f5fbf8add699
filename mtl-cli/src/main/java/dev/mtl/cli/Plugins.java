package dev.mtl.cli;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.plugin.HeadPlugins;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The heads of a call: those that ship, and those of {@code --plugins}. */
final class Plugins {
    @Option(
            names = "--plugins",
            paramLabel = "JAR_OR_DIR",
            description = "A jar with heads, or a directory of jars; repeatable.")
    private List<Path> paths = new ArrayList<>();

    HeadRegistry heads() {
        return HeadRegistry.load().with(HeadPlugins.find(paths));
    }
}
