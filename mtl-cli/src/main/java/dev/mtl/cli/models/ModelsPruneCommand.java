package dev.mtl.cli.models;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.core.model.LayerPruning;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "prune",
        description = {
            "Writes a model with some of the layers of another, as a student for distillation.",
            "It is smaller and faster, and has to learn before it is of use."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: a student of three layers, to learn from its teacher with the head"
                    + " distillation",
            "  mtl models prune all-MiniLM-L6-v2 --layers 2,4,6 --output student",
            "  mtl train student.yaml --set model.backbone=student"
        })
public final class ModelsPruneCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "MODEL", description = "A name of mtl models list, or a directory.")
    private String model = "";

    @Option(
            names = "--layers",
            paramLabel = "N",
            split = ",",
            required = true,
            description = "The layers that stay, from 1, ascending: 2,4,6.")
    private List<Integer> layers = List.of();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            required = true,
            description = "A new directory.")
    private Path output = Path.of("");

    public ModelsPruneCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var progress = new Progress(console);
        var source = console.store().resolve(model, progress);
        progress.finished();
        LayerPruning.prune(source, layers, output);
        if (common.json()) {
            var json = new LinkedHashMap<String, Object>();
            json.put("directory", output.toString());
            json.put("layers", layers);
            console.json(json);
        } else {
            console.result(output.toString());
        }
        return 0;
    }
}
