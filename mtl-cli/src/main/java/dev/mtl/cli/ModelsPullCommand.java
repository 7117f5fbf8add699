package dev.mtl.cli;

import dev.mtl.core.ConfigurationException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.concurrent.Callable;

@Command(
        name = "pull",
        description = "Fetches a model into the cache, so that it can be used offline.",
        mixinStandardHelpOptions = true)
final class ModelsPullCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();

    @Parameters(
            paramLabel = "NAME",
            description = "As mtl models list has it, hf:org/name or maven:...")
    private String name = "";

    ModelsPullCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var progress = new Progress(console);
        var store = console.store();
        var model = store.resolve(name, progress);
        progress.finished();
        var pulled =
                store.list().stream()
                        .filter(m -> m.directory().filter(d -> same(d, model.path())).isPresent())
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new ConfigurationException(
                                                name
                                                        + " is a directory here already; use it as"
                                                        + " --model "
                                                        + name));
        if (common.json()) {
            console.json(ModelsListCommand.json(pulled));
        } else {
            console.result(model.path().toString());
        }
        return 0;
    }

    private static boolean same(Path one, Path other) {
        return one.toAbsolutePath().normalize().equals(other);
    }
}
