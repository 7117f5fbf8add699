package dev.mtl.cli;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.RunConfig;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The configuration that a call is about, with what it changes in it. */
final class ConfigOptions {
    @Parameters(paramLabel = "CONFIG.yaml", description = "The configuration.")
    Path file = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description = "Change a key, such as training.epochs=5; the value is YAML. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    /**
     * Reads it.
     *
     * @param more changes after those of the call
     */
    RunConfig load(Console console, HeadRegistry heads, List<String> more) {
        var all = new ArrayList<>(overrides);
        all.addAll(more);
        return ConfigLoader.load(file, console.environment(), all, heads);
    }
}
