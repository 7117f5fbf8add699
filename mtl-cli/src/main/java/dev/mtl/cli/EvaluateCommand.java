package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.cli.option.ModelOptions;
import dev.mtl.cli.option.Plugins;
import dev.mtl.cli.report.EvaluationReport;
import dev.mtl.cli.report.Scores;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.nn.Devices;
import dev.mtl.train.config.ConfigLoader;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.loading.DatasetEncoder;
import dev.mtl.train.loading.DatasetReader;
import dev.mtl.train.loading.SkippedRows;
import dev.mtl.train.run.Evaluator;
import dev.mtl.train.sampling.TruncationNotes;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

@Command(
        name = "evaluate",
        description = "Scores a trained model on labelled data.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  mtl evaluate --model runs/quickstart",
            "  mtl evaluate --model runs/quickstart --split test --format json",
            "  mtl evaluate --model runs/snips --set tasks.intent.data.test=my/test --set"
                    + " tasks.slots.data.test=my/test --split test"
        })
final class EvaluateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ModelOptions model = new ModelOptions();
    @Mixin private InferenceOptions inference = new InferenceOptions();
    @Mixin private Plugins plugins = new Plugins();

    @Option(
            names = "--config",
            paramLabel = "CONFIG.yaml",
            description =
                    "Configuration that names the data. Default: the one the model was trained"
                            + " with, which is kept in its directory.")
    private @Nullable Path config;

    @Option(
            names = "--split",
            defaultValue = "validation",
            paramLabel = "train|validation|test",
            description = "Part of the data to score on. Default: ${DEFAULT-VALUE}.")
    private Split split = Split.VALIDATION;

    @Option(
            names = "--set",
            paramLabel = "PATH=VALUE",
            description =
                    "Override a key of the configuration, such as tasks.NAME.data.test=FILE."
                            + " Repeatable.")
    private List<String> overrides = new ArrayList<>();

    EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var heads = plugins.heads();
        var file = config == null ? model.directory().resolve(RunConfig.FILE) : config;
        if (config == null && Files.isDirectory(model.directory()) && !Files.exists(file)) {
            throw new ConfigurationException(
                    "--model "
                            + model.directory()
                            + ": has no config.yaml; name a configuration with --config");
        }
        try (var loaded = model.loadForInference(heads, inference)) {
            var run = ConfigLoader.load(file, console.environment(), overrides, heads);
            var tasks =
                    run.tasks().values().stream()
                            .filter(task -> loaded.tasks().containsKey(task.name()))
                            .toList();
            for (var task : run.tasks().keySet()) {
                if (!loaded.tasks().containsKey(task)) {
                    console.say(
                            "%s: tasks.%s is skipped: the model has no such task, only %s"
                                    .formatted(file, task, loaded.tasks().keySet()));
                }
            }
            var skipped = new SkippedRows();
            var datasets =
                    new DatasetEncoder(loaded, tasks, skipped)
                            .encode(DatasetReader.read(tasks, split, skipped));
            if (datasets.isEmpty()) {
                throw new ConfigurationException(
                        file
                                + ": no task of this model has "
                                + split.name().toLowerCase(java.util.Locale.ROOT)
                                + " data; name some, for instance with --set tasks.NAME.data."
                                + split.name().toLowerCase(java.util.Locale.ROOT)
                                + "=PATH");
            }
            TruncationNotes.inEvaluation(loaded, datasets).forEach(note -> console.say(note));
            var evaluation =
                    new Evaluator(loaded, Devices.workers(loaded.device(), null))
                            .evaluate(datasets);
            if (common.json()) {
                console.json(new EvaluationReport(evaluation, skipped.count()).toJson());
            } else {
                console.result(Scores.toText(evaluation) + " (" + evaluation.rows() + " texts)");
            }
        }
        return 0;
    }
}
