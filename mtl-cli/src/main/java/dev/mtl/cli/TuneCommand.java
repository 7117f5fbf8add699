package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.ConfigOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.cli.tune.Search;
import dev.mtl.core.ConfigurationException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "tune",
        description =
                "Trains with values from the ranges of a configuration, and finds the best ones.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl tune my.yaml --set 'training.base_lr={log: [1.0e-5, 1.0e-3]}'",
            "  mtl tune my.yaml --trials 30 --method random --resume",
            "",
            "Ranges stand in place of values: {log: [FROM, TO]}, {uniform: [FROM, TO]},",
            "{int: [FROM, TO]} and {choice: [A, B, C]}."
        })
final class TuneCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private Plugins plugins = new Plugins();
    @Mixin private ConfigOptions configuration = new ConfigOptions();

    @Option(
            names = "--trials",
            defaultValue = "16",
            paramLabel = "N",
            description = "How many values are tried. Default: ${DEFAULT-VALUE}.")
    private int trials = 16;

    @Option(
            names = "--method",
            defaultValue = "halving",
            paramLabel = "halving|random",
            description =
                    "halving: all trials train for a part of the epochs, the best third of them"
                        + " three times as long, and so on (ASHA); random: all train to the end."
                        + " Default: ${DEFAULT-VALUE}.")
    private Search.Method method = Search.Method.HALVING;

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "N",
            description = "Seed of the values. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Where trials are written. Default: output.dir with .tune.")
    private @Nullable Path output;

    @Option(names = "--resume", description = "Go on with a search that has begun.")
    private boolean resume;

    TuneCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (trials < 1) {
            throw new ConfigurationException("--trials " + trials + ": takes at least 1");
        }
        var heads = plugins.heads();
        var space = configuration.ranges(console, heads);
        if (space.ranges().isEmpty()) {
            throw new ConfigurationException(
                    configuration.file()
                            + ": has no ranges to search: put one in place of a value, such as"
                            + " base_lr: {log: [1.0e-5, 1.0e-3]}, or give it with --set");
        }
        var first = configuration.training(console, heads, space.draw(seed, 0));
        var progress = new Progress(console);
        var backbone = console.store().resolve(first.backbone(), progress);
        progress.finished();
        var directory =
                output != null
                        ? output
                        : first.output().resolveSibling(first.output().getFileName() + ".tune");
        var search =
                new Search(
                        space,
                        new Search.Settings(trials, method, seed, directory, resume),
                        values -> configuration.training(console, heads, List.copyOf(values)),
                        backbone,
                        progress::line);
        try (var interrupt = new Interrupt()) {
            interrupt.during(search::stop, progress::line);
            interrupt.arm();
            if (search.run()) {
                search.print(console, common.json());
            }
        } finally {
            progress.finished();
        }
        return 0;
    }
}
