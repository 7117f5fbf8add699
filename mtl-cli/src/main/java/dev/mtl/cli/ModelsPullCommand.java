package dev.mtl.cli;

import dev.mtl.core.store.ModelStore;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

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
        var store = ModelStore.standard();
        var model = store.resolve(name, progress);
        progress.finished();
        if (common.json()) {
            store.list().stream()
                    .filter(m -> m.directory().filter(model.path()::equals).isPresent())
                    .findFirst()
                    .ifPresent(m -> console.json(ModelsListCommand.json(m)));
        } else {
            console.result(model.path().toString());
        }
        return 0;
    }
}
