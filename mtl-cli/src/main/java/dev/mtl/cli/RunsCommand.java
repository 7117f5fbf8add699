package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.runs.RunsTable;
import dev.mtl.core.ConfigurationException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

@Command(
        name = "runs",
        description = "Lists the trainings below a directory, with their seeds and best scores.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  mtl runs", "  mtl runs runs --format json"})
final class RunsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..1",
            defaultValue = "runs",
            paramLabel = "DIR",
            description = "Where to look for runs. Default: ${DEFAULT-VALUE}.")
    private Path directory = Path.of("runs");

    RunsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (!Files.isDirectory(directory)) {
            throw new ConfigurationException(
                    directory + ": no such directory; mtl runs takes one that has runs");
        }
        var runs = RunsTable.read(directory);
        if (common.json()) {
            runs.forEach(console::json);
        } else {
            console.text(RunsTable.toText(runs));
        }
        return 0;
    }
}
