package dev.mtl.cli.option;

import dev.mtl.cli.console.Console;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.TrainingConfiguration;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.config.SearchSpace;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The configuration of a command, with the changes of {@code --set}. */
public final class ConfigOptions {
    @Parameters(
            paramLabel = "CONFIG.yaml",
            description = "The configuration file, see docs/training.md.")
    private Path file = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description =
                    "Override a key, such as training.epochs=5; the value is YAML. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    /** Reads and validates the configuration. */
    public RunConfig load(Console console, HeadRegistry heads) {
        return ConfigLoader.load(file, console.environment(), overrides, heads);
    }

    /**
     * Reads and validates the configuration of a training.
     *
     * @param more overrides that take precedence over those of the command line
     */
    public TrainingConfiguration training(Console console, HeadRegistry heads, List<String> more) {
        var all = new ArrayList<>(overrides);
        all.addAll(more);
        return TrainingConfiguration.read(file, console.environment(), all, heads);
    }

    /** The ranges that the configuration has in place of values. */
    public SearchSpace ranges(Console console, HeadRegistry heads) {
        return ConfigLoader.ranges(file, console.environment(), overrides, heads);
    }

    /** The configuration file. */
    public Path file() {
        return file;
    }
}
